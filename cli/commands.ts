/** All subcommands: the files of `commands/`, and of its folders where there are several words. No other list. */
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { CommandSpec } from './command.ts';

const FOLDER = new URL('commands/', import.meta.url);
/** The sources in a checkout, JavaScript in an installed package. */
const ENDING = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const GROUP = 'group';

export interface NamedCommand {
  /** `['config', 'set']` */
  readonly words: readonly string[];
  readonly spec: CommandSpec;
}

/** Commands that share their first word. */
export interface CommandGroup {
  readonly word: string;
  readonly summary: string;
}

export interface CommandTree {
  readonly commands: readonly NamedCommand[];
  readonly groups: readonly CommandGroup[];
}

/** @param word loads what begins with it, so that a command starts without all the others; undefined: all */
export async function loadCommands(word?: string): Promise<CommandTree> {
  const all = await readdir(fileURLToPath(FOLDER), { withFileTypes: true, recursive: true });
  const files = all
    .filter((entry) => entry.isFile() && entry.name.endsWith(ENDING) && !isTest(entry.name))
    .map(
      ({ parentPath, name }) =>
        [...foldersUnder(parentPath), name.slice(0, -ENDING.length)] as const,
    )
    .sort((a, b) => a.join(' ').localeCompare(b.join(' '), 'en'));
  const named = files.filter(([first]) => first === word);
  const wanted = named.length === 0 ? files : named;
  const commands: NamedCommand[] = [];
  const groups: CommandGroup[] = [];
  await Promise.all(
    wanted.map(async (words, at) => {
      const url = new URL(`${words.join('/')}${ENDING}`, FOLDER);
      const module: { readonly command?: CommandSpec; readonly summary?: string } = await import(
        url.href
      );
      if (words.at(-1) === GROUP) {
        groups.push({ word: words[0] ?? '', summary: module.summary ?? '' });
      } else if (module.command === undefined) {
        throw new Error(`cli/commands/${words.join('/')}${ENDING} exports no command`);
      } else commands[at] = { words, spec: module.command };
    }),
  );
  return { commands: commands.filter((each) => each !== undefined), groups };
}

function foldersUnder(path: string): string[] {
  const under = path.slice(fileURLToPath(FOLDER).length);
  return under.split(/[/\\]/).filter((part) => part !== '');
}

function isTest(name: string): boolean {
  return name.endsWith(`.test${ENDING}`);
}
