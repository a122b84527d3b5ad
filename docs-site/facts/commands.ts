/** The subcommands of `trisiel` for the site, from the same declarations as their parser. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CommandSpec, OptionSpec } from '../../cli/parser/command.ts';

/** Not bundled: this module finds `cli/commands/` relative to its own path. */
const { loadCommands } = (await import(
  /* @vite-ignore */ pathToFileURL(join(process.cwd(), 'cli', 'parser', 'commands.ts')).href
)) as typeof import('../../cli/parser/commands.ts');

const tree = await loadCommands();

export interface CommandPage {
  /** `config set` */
  readonly name: string;
  /** `/command/config/set/` */
  readonly link: string;
  /** The source file: `cli/commands/handlers/config/set.ts`. */
  readonly source: string;
  /** The first word if the command has several words; else undefined. */
  readonly group: string | undefined;
  readonly spec: CommandSpec;
}

export const COMMANDS: readonly CommandPage[] = tree.commands.map(({ words, path, spec }) => ({
  name: words.join(' '),
  link: `/command/${words.join('/')}/`,
  source: `cli/commands/${path}`,
  group: words.length > 1 ? words[0] : undefined,
  spec,
}));

export const COMMAND_GROUPS = tree.groups;

/** Formats `trisiel init [OPTIONS] [DIR]`. */
export function usageOf({ name, spec }: CommandPage): string {
  const args = Object.values(spec.arguments).map(({ value, optional, repeats }) => {
    const inside = `${value}${repeats === true ? '…' : ''}`;
    return optional === true ? `[${inside}]` : inside;
  });
  return ['trisiel', name, '[OPTIONS]', ...args].join(' ');
}

/** Formats `-l, --language LANGUAGE`. */
export function flagOf(name: string, option: OptionSpec): string {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  return `${short}--${name}${option.kind === 'flag' ? '' : ` ${option.value}`}`;
}

/** Describes an option, its choices and its default. */
export function explainOption(option: OptionSpec): string {
  const choices =
    option.kind === 'text' && option.choices !== undefined
      ? ` One of ${option.choices.map((each) => `\`${each}\``).join(', ')}.`
      : '';
  const otherwise =
    (option.kind === 'text' || option.kind === 'count') && option.default !== undefined
      ? ` Default: \`${option.default}\`.`
      : '';
  return `${option.description}${choices}${otherwise}`;
}
