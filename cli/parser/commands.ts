/**
 * Finds the subcommands: a file each, in the folders of `commands/`. A folder with a `group.ts` is the first word of its
 * commands (`config set`); other folders only sort the files.
 */
import { readdir, readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandSpec } from './command.ts';

const { basename, dirname } = posix;

const FOLDER = new URL('../commands/', import.meta.url);
/** TypeScript in a checkout, JavaScript in an installed package. */
const ENDING = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
const GROUP = 'group';
/** Matches the first summary in a file, which is that of its command or group. */
const SUMMARY = /\bsummary(?::| =) '([^'\\]+)'/;

interface CommandFile {
  /** `['config', 'set']`, and `['config', 'group']` for the file that describes a group. */
  readonly words: readonly string[];
  /** Path in `commands/`, with forward slashes: `handlers/config/set.ts`. */
  readonly path: string;
}

export interface NamedCommand extends CommandFile {
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
 * Reads the summaries of all first words, for `trisiel --help`. They are taken from the text of the files, because loading
 * all commands takes longer than everything else.
 */
export async function readOutline(): Promise<CommandTree> {
  const first = (await listFiles()).filter(
    ({ words }) => words.length === 1 || words.at(-1) === GROUP,
  );
  const groups = await Promise.all(
    first.map(async ({ words, path }) => {
      const source = await readFile(new URL(path, FOLDER), 'utf8');
      return { word: words[0] ?? '', summary: SUMMARY.exec(source)?.[1] ?? '' };
    }),
  );
  return { commands: [], groups };
}

/**
 * Loads commands.
 * @param word loads only the commands that begin with it, so that one command starts without the others. If there is
 * none, or without a word, all are loaded.
 */
export async function loadCommands(word?: string): Promise<CommandTree> {
  const files = await listFiles();
  const named = files.filter(({ words }) => words[0] === word);
  const wanted = named.length === 0 ? files : named;
  const commands: NamedCommand[] = [];
  const groups: CommandGroup[] = [];
  await Promise.all(
    wanted.map(async ({ words, path }, at) => {
      const module: { readonly command?: CommandSpec; readonly summary?: string } = await import(
        /* @vite-ignore */ new URL(path, FOLDER).href
      );
      if (words.at(-1) === GROUP) {
        groups.push({ word: words[0] ?? '', summary: module.summary ?? '' });
      } else if (module.command === undefined) {
        throw new Error(`cli/commands/${path} exports no command`);
      } else commands[at] = { words, path, spec: module.command };
    }),
  );
  return { commands: commands.filter((each) => each !== undefined), groups };
}

async function listFiles(): Promise<CommandFile[]> {
  const all = await readdir(fileURLToPath(FOLDER), { recursive: true });
  const paths = all
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith(ENDING) && !path.endsWith(`.test${ENDING}`));
  const groups = new Set(
    paths.filter((path) => path.endsWith(`/${GROUP}${ENDING}`)).map((path) => dirname(path)),
  );
  return paths
    .map((path) => ({ path, words: wordsOf(path, groups) }))
    .sort((a, b) => a.words.join(' ').localeCompare(b.words.join(' '), 'en'));
}

/** The words on the command line: the name of the file, after that of its folder if the folder is a group. */
function wordsOf(path: string, groups: ReadonlySet<string>): string[] {
  const folder = dirname(path);
  const word = basename(path, ENDING);
  return groups.has(folder) ? [basename(folder), word] : [word];
}
