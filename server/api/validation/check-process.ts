/** One process that checks: started without anything of ours, watched while it works, killed where it goes too far. */
import { fork, type ChildProcess } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { setPriority } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { giveBytes, takeBytes } from './bytes.ts';
import type {
  CheckedModule,
  CheckedPolicy,
  CheckReply,
  CheckRequest,
  Refused,
} from './messages.ts';

export type Question =
  | { readonly kind: 'module'; readonly bytes: Uint8Array }
  | { readonly kind: 'policy'; readonly text: string };

export type Answer =
  | { readonly kind: 'module'; readonly module: CheckedModule }
  | { readonly kind: 'policy'; readonly policy: CheckedPolicy }
  | { readonly kind: 'refused'; readonly refused: Refused };

export interface Bounds {
  readonly timeoutMs: number;
  /** Resident memory, watched where the system tells it. */
  readonly memoryBytes: number;
}

/** Why a process was killed: it took too long, grew too large or ended by itself, or failed. */
export class CheckKilled extends Error {
  readonly why: 'late' | 'large' | 'failed';
  constructor(why: CheckKilled['why'], detail = '') {
    super(`a checking process was ${why}${detail === '' ? '' : `: ${detail}`}`);
    this.name = 'CheckKilled';
    this.why = why;
  }
}

const PROGRAM = fileURLToPath(new URL('process.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Its own program, and no data folder that may lie beside it. */
const READABLE = ['olin', 'server', 'node_modules', 'package.json'];
/** A started process has so long to say that it is ready. */
const START_MS = 30_000;
const WATCH_MS = 50;
const PAGE_BYTES = 4096;
/** Whoever calls the API goes before. */
const NICENESS = 10;

export class CheckProcess {
  readonly #child: ChildProcess;
  readonly #stdin: Writable;
  readonly #stdout: Readable;

  /** Resolves once it can check. */
  static async start(onExit: (process: CheckProcess) => void): Promise<CheckProcess> {
    const started = new CheckProcess(onExit);
    await started.#within({ timeoutMs: START_MS, memoryBytes: Infinity }, () =>
      started.#nextReply(),
    );
    await lowerPriority(started.#child.pid);
    return started;
  }

  private constructor(onExit: (process: CheckProcess) => void) {
    const child = fork(PROGRAM, [], {
      serialization: 'advanced',
      // Nothing of this process: no secret is in reach of a stranger's module.
      env: {},
      execArgv: [
        '--permission',
        ...READABLE.map((part) => `--allow-fs-read=${ROOT}${part}`),
        '--max-old-space-size=512',
        '--no-warnings',
      ],
      stdio: ['pipe', 'pipe', 'ignore', 'ipc'],
    });
    const { stdin, stdout } = child;
    if (stdin === null || stdout === null) throw new Error('a checking process has no pipes');
    this.#child = child;
    this.#stdin = stdin;
    this.#stdout = stdout;
    child.once('exit', () => onExit(this));
    // What comes too late for it; its exit tells the rest.
    for (const each of [child, stdin, stdout]) each.on('error', () => undefined);
    // Idle, it keeps no program from ending.
    child.unref();
    child.channel?.unref();
    for (const pipe of [stdin, stdout]) if (pipe instanceof Socket) pipe.unref();
  }

  get isAlive(): boolean {
    return this.#child.connected;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** One at a time. Throws a {@link CheckKilled}; the process is of no more use then. */
  ask(question: Question, bounds: Bounds): Promise<Answer> {
    return this.#within(bounds, async () => {
      const reply = this.#nextReply();
      if (question.kind === 'policy') this.#send({ kind: 'policy', text: question.text });
      else {
        this.#send({ kind: 'module', bytes: question.bytes.length });
        await Promise.race([giveBytes(this.#stdin, question.bytes), reply]);
      }
      const told = await reply;
      if (told.kind === 'module') {
        const metered = await takeBytes(this.#stdout, told.meteredBytes);
        return { kind: 'module', module: { metered, report: told.report } };
      }
      if (told.kind === 'policy' || told.kind === 'refused') return told;
      throw new CheckKilled('failed', told.kind === 'failed' ? told.message : told.kind);
    });
  }

  #send(request: CheckRequest): void {
    this.#child.send(request);
  }

  #nextReply(): Promise<CheckReply> {
    return new Promise((resolve) =>
      this.#child.once('message', (reply) => resolve(reply as CheckReply)),
    );
  }

  /** Where the work is late, or the process is gone or too large, the process is killed. */
  async #within<T>({ timeoutMs, memoryBytes }: Bounds, work: () => Promise<T>): Promise<T> {
    const child = this.#child;
    const ended = Promise.withResolvers<never>();
    const onExit = (): void => ended.reject(new CheckKilled('large', 'it ended by itself'));
    const timer = setTimeout(() => ended.reject(new CheckKilled('late')), timeoutMs);
    const watch = setInterval(() => {
      void residentBytes(child.pid).then((bytes) => {
        if (bytes > memoryBytes) ended.reject(new CheckKilled('large'));
      });
    }, WATCH_MS);
    child.once('exit', onExit);
    try {
      return await Promise.race([work(), ended.promise]);
    } catch (error) {
      this.kill();
      throw error instanceof CheckKilled ? error : new CheckKilled('failed', String(error));
    } finally {
      clearTimeout(timer);
      clearInterval(watch);
      child.off('exit', onExit);
    }
  }
}

/** Where the system tells it; 0 elsewhere. */
async function residentBytes(pid: number | undefined): Promise<number> {
  const text = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  return Number(text.split(' ')[1] ?? 0) * PAGE_BYTES;
}

/** Of each of its threads: Linux keeps it by thread, and the compiler's have started. */
async function lowerPriority(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [String(pid)]);
  for (const thread of threads) {
    try {
      setPriority(Number(thread), NICENESS);
    } catch {
      // A system that does not let us: it is checked at the same priority.
    }
  }
}
