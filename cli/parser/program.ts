/** Configures commander from the declarations of the commands. */
import { Argument, Command, Option } from 'commander';
import type { ArgumentSpec, OptionSpec, RawInput } from './command.ts';
import type { CommandTree, NamedCommand } from './commands.ts';
import { EXIT_CODES } from '../exit-codes.ts';
import { UsageError } from '../errors.ts';

/** Options of every command. */
export const COMMON_OPTIONS: Readonly<Record<'json' | 'server', OptionSpec>> = {
  json: {
    kind: 'flag',
    description: 'Writes JSON. Errors are JSON too, on standard error.',
  },
  server: {
    kind: 'text',
    value: 'URL',
    description:
      'The server. Default: TRISIEL_SERVER, then the server you last signed in to, then http://localhost:4000.',
  },
};

/** A parsed command line. */
export interface ParsedCommand {
  readonly named: NamedCommand;
  readonly given: RawInput;
  readonly isJson: boolean;
  readonly server: string | undefined;
}

export interface ProgramOptions {
  readonly version: string;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  readonly hasColours: boolean;
  readonly onCall: (call: ParsedCommand) => Promise<void>;
}

const INTRODUCTION = 'Deploy WebAssembly functions to a Trisiel server, and run them locally.';

export function buildProgram(tree: CommandTree, options: ProgramOptions): Command {
  const program = new Command('trisiel');
  program
    .description(INTRODUCTION)
    .version(options.version, '-V, --version', 'Print the version.')
    .helpOption('-h, --help', 'Show help for a command.')
    .helpCommand('help [COMMAND]', 'Show help for a command.')
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({
      writeOut: options.write,
      writeErr: options.writeError,
      // The caller prints errors, as text or JSON.
      outputError: () => undefined,
      getOutHasColors: () => options.hasColours,
    })
    .configureHelp({
      sortSubcommands: true,
      sortOptions: false,
      styleTitle: (title) => `\u001b[1m${title}\u001b[22m`,
    })
    .addHelpText('after', '\nRun trisiel COMMAND --help for details. To get started: trisiel init');
  for (const { word, summary } of tree.groups) {
    child(program, word).summary(summary).description(`${summary}.`);
  }
  for (const named of tree.commands) {
    const parent = named.words.slice(0, -1).reduce(childOf, program);
    describe(child(parent, named.words.at(-1) ?? ''), named, options);
  }
  return program;
}

function childOf(parent: Command, word: string): Command {
  return parent.commands.find((each) => each.name() === word) ?? child(parent, word);
}

/** Copies the parent's configuration of output and help. */
function child(parent: Command, word: string): Command {
  return parent.command(word).helpOption('-h, --help', 'Show help.');
}

function describe(command: Command, named: NamedCommand, options: ProgramOptions): void {
  const { spec } = named;
  command.summary(spec.summary).description(spec.description);
  for (const each of Object.values(spec.arguments)) command.addArgument(toArgument(each));
  const all = Object.entries({ ...spec.options, ...COMMON_OPTIONS });
  for (const [name, each] of all) command.addOption(toOption(name, each));
  command.addHelpText('after', () => describeMore(named));
  command.action(async () => {
    const read = command.opts();
    const given: RawInput = {
      options: Object.fromEntries(
        Object.entries(spec.options).map(([name, each]) => [name, valueOf(read, name, each)]),
      ),
      args: Object.fromEntries(
        Object.keys(spec.arguments).map((name, at) => [name, command.processedArgs[at]]),
      ),
    };
    const server: unknown = read['server'];
    await options.onCall({
      named,
      given,
      isJson: read['json'] === true,
      server: typeof server === 'string' ? server : undefined,
    });
  });
}

function toArgument({ value, description, optional, repeats, choices }: ArgumentSpec): Argument {
  const inside = `${value}${repeats === true ? '...' : ''}`;
  const argument = new Argument(optional === true ? `[${inside}]` : `<${inside}>`, description);
  return choices === undefined ? argument : argument.choices(choices);
}

function toOption(name: string, spec: OptionSpec): Option {
  const short = spec.short === undefined ? '' : `-${spec.short}, `;
  const value = spec.kind === 'flag' ? '' : ` <${spec.value}>`;
  const option = new Option(`${short}--${name}${value}`, spec.description);
  if (spec.kind === 'text') {
    if (spec.choices !== undefined) option.choices(spec.choices);
    if (spec.default !== undefined) option.default(spec.default);
  } else if (spec.kind === 'count') {
    option.argParser((given) => readCount(name, given, spec.minimum, spec.maximum));
    if (spec.default !== undefined) option.default(spec.default);
  } else if (spec.kind === 'list') {
    option.argParser((given, before) => (Array.isArray(before) ? [...before, given] : [given]));
  }
  return option;
}

function valueOf(read: Record<string, unknown>, name: string, spec: OptionSpec): unknown {
  const key = toKey(name);
  if (spec.kind === 'flag') {
    // Commander reads `--no-browser` as `browser` being false.
    return name.startsWith('no-') ? read[toKey(name.slice(3))] === false : read[key] === true;
  }
  return spec.kind === 'list' ? (read[key] ?? []) : read[key];
}

function toKey(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function readCount(name: string, given: string, minimum: number, maximum: number): number {
  const count = Number(given);
  if (/^\d+$/.test(given) && count >= minimum && count <= maximum) return count;
  throw new UsageError(
    `--${name} is "${given}"; it must be a whole number from ${minimum} to ${maximum}.`,
  );
}

function describeMore({ spec }: NamedCommand): string {
  const examples = spec.examples.flatMap(({ line, what }) => [`  ${line}`, `      ${what}`]);
  const exits = spec.exits
    .toSorted((a, b) => EXIT_CODES[a].code - EXIT_CODES[b].code)
    .map((name) => `  ${String(EXIT_CODES[name].code).padStart(3)}  ${EXIT_CODES[name].when}`);
  return [
    ...(examples.length === 0 ? [] : ['', 'Examples:', ...examples]),
    '',
    `With --json: ${spec.json}`,
    '',
    'Exit codes:',
    ...exits,
  ].join('\n');
}
