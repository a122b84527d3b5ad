/**
 * One process that is kept alive: it is replaced if it ends or hangs, until it is stopped.
 *
 * A process that has noticed a fault of its own asks for its replacement, and stops accepting connections only when that
 * one listens; both share the port meanwhile, so no connection is refused.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { PROCESS_KINDS, type LaunchContext, type ProcessKind } from './kinds.ts';
import { launch } from '../confinement/launch.ts';
import { MemoryLimit } from '../confinement/memory-limit.ts';
import { ignoreLoss, isMessage } from './messages.ts';
import { LISTENING, waitUntilHung } from './supervised.ts';

export interface KeptProcessOptions {
  readonly kind: ProcessKind;
  /** Added to the supervisor's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly context: LaunchContext;
  readonly say: (text: string) => void;
  /** Called with each process that is started, replacements included. */
  readonly onStart?: (child: ChildProcess) => void;
  /** How long a process that has asked for its replacement may run on. Default: {@link REPLACED_MS}. */
  readonly replacedMs?: number;
  /** Starts a process. Default: one of this kind. */
  readonly start?: () => ChildProcess;
}

/** A process that fails sooner than this is replaced after a pause that doubles each time. */
const YOUNG_MS = 5000;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;
/** Longer than a process with a fault waits for its replacement, and then drains (`last-resort.ts`). */
const REPLACED_MS = 30_000;
/** Between SIGTERM and SIGKILL for a process that has not ended by then. */
const REPLACED_STOP_MS = 5000;

export class KeptProcess {
  /** Resolves when the process listens for the first time. */
  readonly listening: Promise<void>;
  readonly kind: ProcessKind;
  readonly #options: KeptProcessOptions;
  readonly #firstListening = Promise.withResolvers<void>();
  #child: ChildProcess | undefined;
  /** Processes that have been replaced and finish their active calls. */
  readonly #replaced = new Set<ChildProcess>();
  #startedAt = 0;
  #retry: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #isStopping = false;

  constructor(options: KeptProcessOptions) {
    this.#options = options;
    this.kind = options.kind;
    this.listening = this.#firstListening.promise;
    void this.#start();
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
    const all = [...this.#replaced, ...(this.#child === undefined ? [] : [this.#child])];
    await Promise.all(all.map((child) => stopChild(child, patienceMs)));
  }

  /** From now on the process is not replaced. */
  prepareStop(): void {
    this.#isStopping = true;
    clearTimeout(this.#retry);
  }

  /** Starts a process. Resolves when it listens or has ended. */
  #start(): Promise<void> {
    const { kind, env, context, say, onStart } = this.#options;
    const { start = () => launch(kind, env, context) } = this.#options;
    const child = start();
    this.#child = child;
    this.#startedAt = performance.now();
    onStart?.(child);
    const settled = Promise.withResolvers<void>();
    // Each process has one replacement and one watch, however often it asks.
    let isReplaced = false;
    let isListening = false;
    child.on('message', (message) => {
      if (!isReplaced && isMessage(message, 'trisiel-replace')) {
        isReplaced = true;
        void this.#replace(child).then(() => {
          if (child.connected) child.send(message, ignoreLoss);
        });
      }
      if (isListening || message !== LISTENING) return;
      isListening = true;
      this.#firstListening.resolve();
      settled.resolve();
      void waitUntilHung(child).then((isHung) => {
        if (!isHung) return;
        say(`A process (${kind}) hangs; it is ended.`);
        child.kill('SIGKILL');
      });
    });
    const memory = this.#limitMemory(child);
    const ended = Promise.withResolvers<string>();
    child.once('exit', (code, signal) => ended.resolve(signal ?? `status ${code}`));
    // A program that cannot be executed has no exit. Other errors, such as a lost message, do not end it.
    child.on('error', (error) => {
      if (child.pid === undefined) ended.resolve(error.message);
    });
    void ended.promise.then((how) => {
      settled.resolve();
      this.#onEnd(child, memory?.close() === true ? `${how} for its memory` : how);
    });
    return settled.promise;
  }

  #onEnd(child: ChildProcess, how: string): void {
    const { kind, say } = this.#options;
    if (this.#replaced.delete(child)) {
      say(`A process (${kind}) ended with ${how}; its replacement runs already.`);
      return;
    }
    this.#child = undefined;
    if (this.#isStopping) return;
    const pauseMs = this.#nextPause();
    say(`A process (${kind}) ended with ${how}; a new one is started.`);
    this.#retry = setTimeout(() => void this.#start(), pauseMs);
  }

  /** Starts the replacement of a process that still runs. Resolves when it listens or has ended. */
  async #replace(child: ChildProcess): Promise<void> {
    const { kind, say } = this.#options;
    const pauseMs = this.#nextPause();
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (this.#isStopping || this.#child !== child) return;
    say(`A process (${kind}) has failed; a new one is started.`);
    // If its predecessor still drains, that one is ended first.
    for (const each of this.#replaced) each.kill('SIGKILL');
    this.#replaced.add(child);
    this.#endInTime(child);
    await this.#start();
  }

  /** Ends a replaced process that does not end by itself, such as one under attack. */
  #endInTime(child: ChildProcess): void {
    const { kind, say, replacedMs = REPLACED_MS } = this.#options;
    const timer = setTimeout(() => {
      say(`A process (${kind}) that was replaced does not end; it is stopped.`);
      void stopChild(child, REPLACED_STOP_MS);
    }, replacedMs);
    child.once('exit', () => clearTimeout(timer));
  }

  /** Milliseconds until the current process may be replaced. */
  #nextPause(): number {
    const isYoung = performance.now() - this.#startedAt < YOUNG_MS;
    this.#pauseMs = isYoung ? Math.min(this.#pauseMs * 2, MAX_PAUSE_MS) : FIRST_PAUSE_MS;
    return isYoung ? this.#pauseMs : 0;
  }

  #limitMemory(child: ChildProcess): MemoryLimit | undefined {
    const { kind, context, say } = this.#options;
    const maxBytes = PROCESS_KINDS[kind].memoryBytes?.(context.config);
    if (maxBytes === undefined) return undefined;
    const onOver = (): void => {
      say(
        `A process (${kind}) takes more than ${Math.floor(maxBytes / 1024 ** 2)} MiB; it is ended.`,
      );
      child.kill('SIGKILL');
    };
    return new MemoryLimit(child, { maxBytes, groups: context.memoryGroups, onOver });
  }
}

async function stopChild(child: ChildProcess, patienceMs: number): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const killing = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await exited;
  clearTimeout(killing);
}
