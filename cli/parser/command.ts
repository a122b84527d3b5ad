/**
 * The declaration of a subcommand: a function, and data from which the parser, `--help`, completion and the reference
 * pages derive. Each file of `commands/` has one.
 */
import type { Context } from '../context.ts';
import type { ExitName } from '../exit-codes.ts';

interface Described {
  readonly description: string;
  /** One letter. */
  readonly short?: string;
}
export interface FlagOption extends Described {
  readonly kind: 'flag';
}
export interface TextOption extends Described {
  readonly kind: 'text';
  /** Placeholder of the value, such as `FILE`. */
  readonly value: string;
  readonly default?: string;
  readonly choices?: readonly string[];
}
/** Can be repeated. */
export interface ListOption extends Described {
  readonly kind: 'list';
  readonly value: string;
}
export interface CountOption extends Described {
  readonly kind: 'count';
  readonly value: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly default?: number;
}
export type OptionSpec = FlagOption | TextOption | ListOption | CountOption;
/** By name, without the dashes. A name that begins with `no-` is a separate option, not the negation of another. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export interface ArgumentSpec {
  /** Placeholder in the usage line, such as `NAME`. */
  readonly value: string;
  readonly description: string;
  readonly optional?: true;
  /** Takes all remaining words. There may be none if it is also optional. */
  readonly repeats?: true;
  readonly choices?: readonly string[];
}
/** In the order of the command line. */
export type ArgumentSpecs = Readonly<Record<string, ArgumentSpec>>;

export interface CommandExample {
  readonly line: string;
  readonly what: string;
}

/** The declaration of a command, without its implementation. */
export interface CommandData {
  /** One line, without a full stop. */
  readonly summary: string;
  readonly description: string;
  readonly arguments: ArgumentSpecs;
  readonly options: OptionSpecs;
  readonly examples: readonly CommandExample[];
  /** What `--json` writes, as a phrase that ends with a full stop. */
  readonly json: string;
  /** Whether `--json` writes a line per event instead of one value. */
  readonly streams?: boolean;
  readonly exits: readonly ExitName[];
}

type OptionValue<Spec> = Spec extends FlagOption
  ? boolean
  : Spec extends ListOption
    ? readonly string[]
    : Spec extends CountOption
      ? Spec extends { readonly default: number }
        ? number
        : number | undefined
      : Spec extends { readonly choices: readonly (infer Choice)[] }
        ? Spec extends { readonly default: string }
          ? Choice
          : Choice | undefined
        : Spec extends { readonly default: string }
          ? string
          : string | undefined;
type ArgumentValue<Spec> = Spec extends { readonly repeats: true }
  ? readonly string[]
  : Spec extends { readonly optional: true }
    ? string | undefined
    : string;
type OptionValues<Specs> = { readonly [Name in keyof Specs]: OptionValue<Specs[Name]> };
type ArgumentValues<Specs> = { readonly [Name in keyof Specs]: ArgumentValue<Specs[Name]> };

interface ParsedInput<Options, Arguments> {
  readonly options: OptionValues<Options>;
  readonly args: ArgumentValues<Arguments>;
}

/** Parsed values, by the names in the specs. */
export interface RawInput {
  readonly options: Readonly<Record<string, unknown>>;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A command with any options and arguments. */
export interface CommandSpec extends CommandData {
  readonly run: (context: Context, given: RawInput) => Promise<ExitName | void>;
}

/** Infers the types of a command's `args` and `options` from its declaration. */
export function defineCommand<
  const Options extends OptionSpecs,
  const Arguments extends ArgumentSpecs,
>(
  data: Omit<CommandData, 'options' | 'arguments'> & {
    readonly options: Options;
    readonly arguments: Arguments;
    /** Returns the name of the exit code; undefined means `ok`. */
    readonly run: (context: Context & ParsedInput<Options, Arguments>) => Promise<ExitName | void>;
  },
): CommandSpec {
  const { run, ...rest } = data;
  return {
    ...rest,
    // The parser reads each value according to the kind of its spec, from which the types are inferred.
    run: (context, given) => run({ ...context, ...(given as ParsedInput<Options, Arguments>) }),
  };
}

/** The handler argument of most commands; defaults to `name` in trisiel.toml. */
export const HANDLER_ARGUMENT = {
  value: 'NAME',
  description: 'The handler. Default: TRISIEL_NAME, then `name` in trisiel.toml.',
  optional: true,
} as const satisfies ArgumentSpec;
