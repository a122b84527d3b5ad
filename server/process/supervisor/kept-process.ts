/** One process that is kept alive: it is replaced if it ends or hangs, until it is stopped. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { PROCESS_KINDS, type LaunchContext, type ProcessKind } from './kinds.ts';
import { launch } from '../confinement/launch.ts';
import { watchMemory } from '../confinement/memory-watch.ts';
import { LISTENING, waitUntilHung } from './supervised.ts';

export interface KeptProcessOptions {
  readonly kind: ProcessKind;
  /** Added to the supervisor's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly context: LaunchContext;
  readonly say: (text: string) => void;
  /** Called with each process that is started, replacements included. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** A process that lives shorter than this is replaced after a pause that doubles each time. */
const YOUNG_MS = 5000;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;

export class KeptProcess {
  /** Resolves when the process listens for the first time. */
  readonly listening: Promise<void>;
  readonly kind: ProcessKind;
  readonly #options: KeptProcessOptions;
  readonly #firstListening = Promise.withResolvers<void>();
  #child: ChildProcess | undefined;
  #retry: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #isStopping = false;

  constructor(options: KeptProcessOptions) {
    this.#options = options;
    this.kind = options.kind;
    this.listening = this.#firstListening.promise;
    this.#start();
  }

  /** The running process; undefined between the end of one and the start of the next. */
  get child(): ChildProcess | undefined {
    return this.#child;
  }

  /**
   * Sends SIGTERM, and SIGKILL if the process still runs after `patienceMs`. Resolves when it has exited. It is not
   * replaced, even if it exits by itself before the signal arrives.
   */
  async stop(patienceMs: number): Promise<void> {
    this.prepareStop();
    const child = this.#child;
    if (child === undefined) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const killing = setTimeout(() => child.kill('SIGKILL'), patienceMs);
    await exited;
    clearTimeout(killing);
  }

  /** From now on the process is not replaced. */
  prepareStop(): void {
    this.#isStopping = true;
    clearTimeout(this.#retry);
  }

  #start(): void {
    const { kind, env, context, say, onStart } = this.#options;
    const startedAt = performance.now();
    const child = launch(kind, env, context);
    this.#child = child;
    onStart?.(child);
    child.on('message', (message) => {
      if (message !== LISTENING) return;
      this.#firstListening.resolve();
      void waitUntilHung(child).then((isHung) => {
        if (!isHung) return;
        say(`A process (${kind}) hangs; it is ended.`);
        child.kill('SIGKILL');
      });
    });
    const memoryBytes = PROCESS_KINDS[kind].memoryBytes?.(context.config);
    if (memoryBytes !== undefined) {
      void watchMemory(child, memoryBytes).then((isOver) => {
        if (!isOver) return;
        const mebibytes = Math.floor(memoryBytes / 1024 ** 2);
        say(`A process (${kind}) takes more than ${mebibytes} MiB; it is ended.`);
        child.kill('SIGKILL');
      });
    }
    const ended = Promise.withResolvers<string>();
    child.once('exit', (code, signal) => ended.resolve(signal ?? `status ${code}`));
    // A program that cannot be executed has no exit. An error of a running one, such as of a message to it, is no end.
    child.on('error', (error) => {
      if (child.pid === undefined) ended.resolve(error.message);
    });
    void ended.promise.then((how) => {
      this.#child = undefined;
      if (this.#isStopping) return;
      const isYoung = performance.now() - startedAt < YOUNG_MS;
      this.#pauseMs = isYoung ? Math.min(this.#pauseMs * 2, MAX_PAUSE_MS) : FIRST_PAUSE_MS;
      say(`A process (${kind}) ended with ${how}; a new one is started.`);
      this.#retry = setTimeout(() => this.#start(), isYoung ? this.#pauseMs : 0);
    });
  }
}
