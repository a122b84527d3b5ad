/** One run of one guest: its descriptors, environment, limits and counters. */
import { Descriptors } from './descriptors.ts';
import { CallError } from './errors.ts';
import { EXIT, GuestStop, limitStop, type GuestEnd } from './ending.ts';
import type { LimitCode } from './limits.ts';
import { GuestMemory } from './memory.ts';
import { nearest } from './nearest.ts';
import { decide, type Policy } from './policy.ts';
import { findScheme, SCHEMES } from './schemes/index.ts';
import type { Resource, SchemeHost } from './schemes/resource.ts';
import { InputResource, OutputResource } from './schemes/stdio.ts';
import type { ByteSink, Limits, LogLine, Platform, RunOptions } from './types.ts';

/** URLs kept for the bill; a guest that opens more is counted by its calls. */
const MOST_URLS = 1000;
/** The longest time that a timer takes; a longer one would fire at once. */
export const LONGEST_TIMER_MS = 0x7fff_ffff;

const WARNING = 3;
const encoder = new TextEncoder();

export interface ProcessOptions extends RunOptions {
  readonly limits: Limits;
  readonly policy: Policy;
}

export class Process implements SchemeHost {
  readonly platform: Platform;
  readonly limits: Limits;
  readonly args: readonly string[];
  readonly env: ReadonlyMap<string, string>;
  readonly stdin: InputResource;
  readonly stdout: OutputResource;
  readonly stderr: OutputResource;
  /** Set once the module is instantiated. */
  memory = new GuestMemory(undefined);
  /** Makes sure that the guest ends even if it catches what is thrown through it. */
  onEnd: (() => void) | undefined;

  readonly calls = new Map<string, number>();
  readonly urls: string[] = [];
  readonly logLines: LogLine[] = [];
  bytesIn = 0;
  bytesOut = 0;

  readonly #options: ProcessOptions;
  readonly #startedAtMs: number;
  readonly #descriptors: Descriptors;
  #outputBytes = 0;
  #logBytes = 0;
  #abort: AbortController | undefined;
  #cancelSleep: (() => void) | undefined;
  /** Set when the guest must end, or has called runtime_exit. */
  #end: GuestEnd | undefined;
  #status: number | null = null;
  /** Fails the call in which the guest waits. */
  #interrupt: ((end: GuestEnd) => void) | undefined;

  constructor(options: ProcessOptions, output: ByteSink, errorOutput: ByteSink) {
    this.#options = options;
    this.platform = options.platform;
    this.limits = options.limits;
    this.args = options.args ?? ['main.wasm'];
    this.env = new Map(Object.entries(options.env ?? {}));
    this.stdin = new InputResource(options.stdin ?? '');
    this.stdout = new OutputResource('standard output', this.#bounded(output));
    this.stderr = new OutputResource('standard error', this.#bounded(errorOutput));
    this.#descriptors = new Descriptors([this.stdin, this.stdout, this.stderr]);
    this.#startedAtMs = this.platform.monotonic();
  }

  /** Milliseconds since the run began. */
  get elapsedMs(): number {
    return this.platform.monotonic() - this.#startedAtMs;
  }

  /** The status given to runtime_exit; null while it was not called. */
  get exitStatus(): number | null {
    return this.#status;
  }

  /** Why the guest must end; undefined while it may go on. */
  get end(): GuestEnd | undefined {
    return this.#end;
  }

  /** Aborted when the run ends. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  // Descriptors and URLs

  addDescriptor(resource: Resource): number {
    const open = this.#descriptors.size + 1;
    const { descriptors } = this.limits;
    if (open <= descriptors) return this.#descriptors.add(resource);
    const end = this.stop(limitStop('descriptors', descriptors, open));
    // Behind no descriptor, nobody else would close it.
    const closing = resource.close();
    if (closing instanceof Promise) closing.catch(() => {});
    throw end;
  }

  descriptor(fd: number): Resource {
    return this.#descriptors.get(fd);
  }

  close(fd: number): void | Promise<void> {
    if (this.#descriptors.has(fd)) return this.#descriptors.remove(fd);
    throw this.stop(
      new GuestStop(
        'bad-descriptor',
        `The guest closed descriptor ${fd}, which is not open. Close each descriptor once, and only one that resource_open or io_get_* gave.`,
      ),
    );
  }

  open(url: string): number | Promise<number> {
    const found = findScheme(url);
    this.#addUrl(found?.url ?? url);
    this.#askPolicy(found?.url ?? url);
    if (found === undefined) {
      const names = SCHEMES.map(({ name }) => name);
      const near = nearest(url.split(':', 1)[0] ?? '', names);
      throw new CallError(
        'InvalidArgument',
        `"${url}" begins with no scheme that is known (${names.map((name) => `${name}://`).join(', ')})${near === undefined ? '' : `; did you mean ${near}://`}`,
      );
    }
    const resource = found.scheme.open(found.url, this);
    return resource instanceof Promise
      ? resource.then((opened) => this.addDescriptor(opened))
      : this.addDescriptor(resource);
  }

  /** A scheme asks again with the final URL, which is often the one that was opened. */
  checkPolicy(url: string): void {
    if (this.urls.at(-1) !== url) this.#addUrl(url);
    this.#askPolicy(url);
  }

  #addUrl(url: string): void {
    if (this.urls.length < MOST_URLS) this.urls.push(url);
  }

  #askPolicy(url: string): void {
    const decision = decide(this.#options.policy, url);
    if (decision.allowed) return;
    throw this.stop(
      new GuestStop(
        'policy',
        `vibe check failed: URL forbidden by policy: ${url} (${decision.by}).`,
      ),
    );
  }

  // Counters and limits

  countCall(name: string): void {
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
  }

  countRead(bytes: number): void {
    this.bytesIn += bytes;
  }

  countWritten(bytes: number): void {
    this.bytesOut += bytes;
  }

  log(level: number, text: string): void {
    // An empty line is not free: it is kept too.
    this.#logBytes += encoder.encode(text).length + 1;
    if (this.#logBytes > this.limits.logBytes) {
      this.stopAtLimit('log', this.limits.logBytes, this.#logBytes);
    }
    const line = { level, text, atMs: this.elapsedMs };
    this.logLines.push(line);
    this.#options.onLog?.(line);
  }

  /** Logs why a system call failed. */
  warn(text: string): void {
    this.log(WARNING, text);
  }

  randomBytes(length: number): DataView {
    const bytes = new Uint8Array(length);
    this.platform.random(bytes);
    return new DataView(bytes.buffer);
  }

  // Waiting and ending

  sleep(ms: number): Promise<void> {
    if (ms === 0) return this.platform.turn();
    return new Promise((resolve) => {
      this.#cancelSleep = this.platform.timer(Math.min(ms, LONGEST_TIMER_MS), resolve);
    });
  }

  exit(status: number): never {
    this.#status ??= status;
    throw this.stop(EXIT);
  }

  stopAtLimit(code: LimitCode, limit: number, used: number): never {
    throw this.stop(limitStop(code, limit, used));
  }

  /** Marks the guest as ended (the first reason stands), wakes it if it waits, and gives back what to throw. */
  stop(end: GuestEnd): GuestEnd {
    this.#end ??= end;
    this.onEnd?.();
    this.#interrupt?.(this.#end);
    return this.#end;
  }

  /** Stops the guest from outside of its stack: at its next system call or turn, or now if it waits. */
  endFromOutside(code: 'time', amounts: { limit: number; used: number }): void;
  endFromOutside(code: 'cancelled'): void;
  endFromOutside(code: 'time' | 'cancelled', amounts?: { limit: number; used: number }): void {
    this.stop(
      code === 'time' && amounts !== undefined
        ? limitStop(code, amounts.limit, amounts.used)
        : new GuestStop('cancelled', 'The guest was stopped by its caller.'),
    );
  }

  /** Waits for the promise, or for the end of the guest if that comes first. */
  wait<T>(promise: Promise<T>): Promise<T> {
    if (!this.platform.canSuspend) {
      throw this.stop(
        new GuestStop(
          'cannot-suspend',
          'The guest waits (it sleeps, or reads what is not there yet), and this browser cannot suspend it. Chrome 137, Firefox 153, Safari 27, Node 26 and later ones can.',
        ),
      );
    }
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      // Cleared before the guest goes on, which may wait again at once.
      promise.then(
        (value) => {
          this.#interrupt = undefined;
          resolve(value);
        },
        (error: unknown) => {
          this.#interrupt = undefined;
          reject(error);
        },
      );
    });
  }

  /** Throws where the guest must end, as each system call and each turn asks: a guest may catch what is thrown. */
  checkEnd(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  /** Closes what the guest left open and calls off what is under way. */
  async dispose(): Promise<void> {
    this.#cancelSleep?.();
    this.#abort?.abort(this.#end ?? EXIT);
    this.stdin.end();
    await this.#descriptors.end();
  }

  /** Passes on what fits under the limit, then stops the guest. */
  #bounded(sink: ByteSink): ByteSink {
    return (chunk) => {
      const limit = this.limits.outputBytes;
      const used = this.#outputBytes + chunk.length;
      const rest = chunk.subarray(0, limit - this.#outputBytes);
      this.#outputBytes += rest.length;
      const taken = rest.length === 0 ? undefined : sink(rest);
      if (used <= limit) return taken;
      if (taken instanceof Promise) {
        return taken.then(() => this.stopAtLimit('output', limit, used));
      }
      this.stopAtLimit('output', limit, used);
    };
  }
}
