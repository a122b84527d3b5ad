/** Finds completions of a command line from the declarations of the commands. */
import type { ArgumentSpec, OptionSpec } from '../parser/command.ts';
import type { CommandTree, NamedCommand } from '../parser/commands.ts';
import { COMMON_OPTIONS } from '../parser/program.ts';

export interface Candidate {
  readonly value: string;
  readonly description: string;
}

export interface CandidateSource {
  readonly tree: CommandTree;
  /** Names of the signed-in user's handlers. */
  readonly handlers: () => Promise<readonly string[]>;
}

/**
 * Returns the candidates that start with the last, incomplete word. If there are none, the shell may complete a path.
 * @param words the words after `trisiel` as the shell splits them: bash splits `--tier=free` into three
 */
export async function findCandidates(
  words: readonly string[],
  source: CandidateSource,
): Promise<Candidate[]> {
  const line = joinEquals(words);
  const before = line.slice(0, -1);
  const last = line.at(-1) ?? '';
  if (before.includes('--')) return [];
  const point = walk(before, source.tree);
  const all = await candidatesAt(point, last, source);
  const isValue = last.startsWith('-') && last.includes('=');
  const typed = isValue ? last.slice(last.indexOf('=') + 1) : last;
  const found = all.filter(({ value }) => value.startsWith(typed));
  // Shells other than bash replace the whole word.
  const raw = words.at(-1) ?? '';
  const prefix = isValue && raw.startsWith('-') ? raw.slice(0, raw.indexOf('=') + 1) : '';
  return found.map((each) => ({ ...each, value: prefix + each.value }));
}

/** The state of parsing before the last word. */
interface CompletionPoint {
  /** Complete words of the command or group. */
  readonly path: readonly string[];
  readonly command: NamedCommand | undefined;
  /** The option whose value is expected next. */
  readonly pending: OptionSpec | undefined;
  /** Number of arguments of the command so far. */
  readonly argumentCount: number;
}

function walk(before: readonly string[], tree: CommandTree): CompletionPoint {
  let path: string[] = [];
  let command: NamedCommand | undefined;
  let pending: OptionSpec | undefined;
  let argumentCount = 0;
  for (const word of before) {
    if (pending !== undefined) pending = undefined;
    else if (word.startsWith('-')) {
      const option = word.includes('=') ? undefined : findOption(word, command);
      pending = option?.kind === 'flag' ? undefined : option;
    } else if (command === undefined) {
      path = [...path, word];
      command = tree.commands.find((each) => each.words.join(' ') === path.join(' '));
    } else argumentCount += 1;
  }
  return { path, command, pending, argumentCount };
}

async function candidatesAt(
  { path, command, pending, argumentCount }: CompletionPoint,
  last: string,
  { tree, handlers }: CandidateSource,
): Promise<Candidate[]> {
  const equals = last.startsWith('-') ? last.indexOf('=') : -1;
  const option = equals > 0 ? findOption(last.slice(0, equals), command) : pending;
  if (option !== undefined || equals > 0) return choicesOf(option);
  if (last.startsWith('-')) return optionsOf(command);
  if (command === undefined) return nextWords(path, tree);
  const specs: ArgumentSpec[] = Object.values(command.spec.arguments);
  const tail = specs.at(-1);
  const spec = specs[argumentCount] ?? (tail?.repeats === true ? tail : undefined);
  if (spec?.choices !== undefined) return asCandidates(spec.choices);
  if (spec?.value !== 'NAME') return [];
  return (await handlers()).map((value) => ({ value, description: 'handler' }));
}

function nextWords(path: readonly string[], { commands, groups }: CommandTree): Candidate[] {
  const found = new Map<string, string>();
  for (const { words, spec } of commands) {
    const next = words[path.length];
    if (next === undefined || path.some((word, i) => words[i] !== word)) continue;
    const isWhole = words.length === path.length + 1;
    const group = groups.find(({ word }) => word === next);
    found.set(next, isWhole ? spec.summary : (group?.summary ?? ''));
  }
  return Array.from(found, ([value, description]) => ({ value, description }));
}

function allOptions(command: NamedCommand | undefined): [string, OptionSpec][] {
  return Object.entries({ ...command?.spec.options, ...COMMON_OPTIONS });
}

function optionsOf(command: NamedCommand | undefined): Candidate[] {
  const known = command === undefined ? [] : allOptions(command);
  return [
    ...known.map(([name, { description }]) => ({
      value: `--${name}`,
      description: description.replace(/(?<=\.)\s.*$/s, ''),
    })),
    { value: '--help', description: 'Explains the command.' },
    ...(command === undefined ? [{ value: '--version', description: 'Prints the version.' }] : []),
  ];
}

function findOption(word: string, command: NamedCommand | undefined): OptionSpec | undefined {
  const found = allOptions(command).find(
    ([name, { short }]) => word === `--${name}` || (short !== undefined && word === `-${short}`),
  );
  return found?.[1];
}

function choicesOf(option: OptionSpec | undefined): Candidate[] {
  return asCandidates(option?.kind === 'text' ? (option.choices ?? []) : []);
}

function asCandidates(values: readonly string[]): Candidate[] {
  return values.map((value) => ({ value, description: '' }));
}

/** Joins `--tier`, `=` and `free` into one word. */
function joinEquals(words: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of words) {
    const before = joined.at(-1);
    const isTail = before !== undefined && before.startsWith('--') && before.endsWith('=');
    if (before !== undefined && ((word === '=' && before.startsWith('--')) || isTail)) {
      joined[joined.length - 1] = before + word;
    } else joined.push(word);
  }
  return joined;
}
