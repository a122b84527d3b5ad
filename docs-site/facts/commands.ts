/** The subcommands of `trisiel` as the site shows them, from the data that their parser is made of. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CommandSpec, OptionSpec } from '../../cli/parser/command.ts';

/** The reader of cli/commands/ finds its folder by its own path, so it is loaded as it stands and not bundled. */
const { loadCommands } = (await import(
  /* @vite-ignore */ pathToFileURL(join(process.cwd(), 'cli', 'parser', 'commands.ts')).href
)) as typeof import('../../cli/parser/commands.ts');

const tree = await loadCommands();

export interface CommandPage {
  /** `config set` */
  readonly name: string;
  /** `/command/config/set/` */
  readonly link: string;
  /** The first word, where several commands share it. */
  readonly group: string | undefined;
  readonly spec: CommandSpec;
}

export const COMMANDS: readonly CommandPage[] = tree.commands.map(({ words, spec }) => ({
  name: words.join(' '),
  link: `/command/${words.join('/')}/`,
  group: words.length > 1 ? words[0] : undefined,
  spec,
}));

export const COMMAND_GROUPS = tree.groups;

/** `trisiel init [OPTIONS] [DIR]` */
export function usageOf({ name, spec }: CommandPage): string {
  const args = Object.values(spec.arguments).map(({ value, optional, repeats }) => {
    const inside = `${value}${repeats === true ? '…' : ''}`;
    return optional === true ? `[${inside}]` : inside;
  });
  return ['trisiel', name, '[OPTIONS]', ...args].join(' ');
}

/** `-l, --language LANGUAGE` */
export function flagOf(name: string, option: OptionSpec): string {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  return `${short}--${name}${option.kind === 'flag' ? '' : ` ${option.value}`}`;
}

/** What it does, what it may be, and what it is where it is left out. */
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
