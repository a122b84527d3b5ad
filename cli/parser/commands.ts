/** Finds all subcommands: the files in `commands/`, and in its folders for commands of two words. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { CommandSpec } from './command.ts';

const FOLDER = new URL('../commands/', import.meta.url);
/** The sources in a checkout, JavaScript in an installed package. */
const ENDING = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const GROUP = 'group';
/** Matches the first summary in a file, which is that of its command or group. */
const SUMMARY = /\bsummary(?::| =) '([^'\\]+)'/;

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

/**
 * First words and what they are for, for the help of the whole, which is read in haste: the summaries are taken out of
 * the files as text, since loading all of them takes longer than all the rest.
 */
export async function readOutline(): Promise<CommandTree> {
  const first = (await listFiles()).filter((words) => words.length === 1 || words.at(-1) === GROUP);
  const groups = await Promise.all(
    first.map(async (words) => {
      const source = await readFile(urlOf(words), 'utf8');
      return { word: words[0] ?? '', summary: SUMMARY.exec(source)?.[1] ?? '' };
    }),
  );
  return { commands: [], groups };
}

/** @param word loads what begins with it, so that a command starts without all the others; undefined: all */
export async function loadCommands(word?: string): Promise<CommandTree> {
  const files = await listFiles();
  const named = files.filter(([first]) => first === word);
  const wanted = named.length === 0 ? files : named;
  const commands: NamedCommand[] = [];
  const groups: CommandGroup[] = [];
  await Promise.all(
    wanted.map(async (words, at) => {
      const module: { readonly command?: CommandSpec; readonly summary?: string } = await import(
        /* @vite-ignore */ urlOf(words).href
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

async function listFiles(): Promise<(readonly string[])[]> {
  const all = await readdir(fileURLToPath(FOLDER), { withFileTypes: true, recursive: true });
  return all
    .filter((entry) => entry.isFile() && entry.name.endsWith(ENDING) && !isTest(entry.name))
    .map(({ parentPath, name }) => [...foldersUnder(parentPath), name.slice(0, -ENDING.length)])
    .sort((a, b) => a.join(' ').localeCompare(b.join(' '), 'en'));
}

function urlOf(words: readonly string[]): URL {
  return new URL(`${words.join('/')}${ENDING}`, FOLDER);
}

function foldersUnder(path: string): string[] {
  const under = path.slice(fileURLToPath(FOLDER).length);
  return under.split(/[/\\]/).filter((part) => part !== '');
}

function isTest(name: string): boolean {
  return name.endsWith(`.test${ENDING}`);
}
