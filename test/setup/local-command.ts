/** The command `trisiel` for tests that need no server: in this process, or in one of its own. */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { runTrisiel } from '../../cli/parser/run-trisiel.ts';
import { root } from '../../scripts/paths.ts';
import { compileCache } from './compile-cache.ts';

const MAIN = join(root, 'cli', 'main.ts');

export interface CommandInput {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Standard input, which is not a terminal. */
  readonly input?: string;
}

export interface CommandEnd {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line in this process, with its own streams and only the environment `env`. */
export async function trisiel(
  argv: readonly string[],
  { cwd, env = {}, input = '' }: CommandInput,
): Promise<CommandEnd> {
  const stdout = new Collector();
  const stderr = new Collector();
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)]);
  // Keeps the user's own settings out of tests.
  const own = { XDG_CONFIG_HOME: join(cwd, '.settings'), ...env };
  const { signal } = new AbortController();
  const code = await runTrisiel(argv, { stdin, stdout, stderr, env: own, cwd }, signal);
  return { code, out: stdout.text, err: stderr.text };
}

/** Starts a process of the command. */
export function startTrisiel(
  argv: readonly string[],
  { cwd, env = {} }: Omit<CommandInput, 'input'>,
): ChildProcessByStdio<null, Readable, Readable> {
  return spawn(process.execPath, [MAIN, ...argv], {
    cwd,
    env: {
      ...compileCache,
      PATH: process.env['PATH'],
      XDG_CONFIG_HOME: join(cwd, '.settings'),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

class Collector extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(Buffer.from(chunk));
    done();
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}
