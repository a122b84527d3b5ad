/** One run of one guest: its descriptors, environment, limits and counters. */
import { Descriptors } from './descriptors.ts';
import { EXIT, GuestStop, limitStop, type GuestEnd } from './ending.ts';
import { chooseLimits, type LimitCode } from './limits.ts';
import { GuestMemory } from './memory.ts';
import { Output } from './output.ts';
import { decide, DEFAULT_POLICY, type Policy } from './policy.ts';
import type { Resource, SchemeHost } from './schemes/resource.ts';
import { InputResource } from './schemes/stdio.ts';
import type { Limits, LogLine, Platform, RunOptions } from './types.ts';
import { Waiting } from './waiting.ts';

/** URLs kept for the bill; a guest that opens more is counted by its calls. */
const MOST_URLS = 1000;

const WARNING = 3;
const NO_MEMORY = new GuestMemory(undefined);
const ARGS: readonly string[] = ['main.wasm'];
const encoder = new TextEncoder();

export class Process implements SchemeHost {
  readonly platform: Platform;
  readonly limits: Limits;
  readonly args: readonly string[];
  readonly stdin: InputResource;
  readonly output: Output;
  /** Set once the module is instantiated. */
  memory = NO_MEMORY;
  /** Makes sure that the guest ends even if it catches what is thrown through it. */
  onEnd: (() => void) | undefined;

  /** By imported name. */
  readonly calls: Record<string, number> = {};
  readonly urls: string[] = [];
  readonly logLines: LogLine[] = [];
  bytesIn = 0;
  bytesOut = 0;

  readonly #options: RunOptions;
  readonly #policy: Policy;
  readonly #startedAtMs: number;
  readonly #descriptors = new Descriptors();
  readonly #waiting: Waiting;
  #logBytes = 0;
  #abort: AbortController | undefined;
  /** Set when the guest must end, or has called runtime_exit. */
  #end: GuestEnd | undefined;
  #status: number | null = null;

  constructor(options: RunOptions) {
    const { platform, args = ARGS, policy = DEFAULT_POLICY, signal } = options;
    this.#options = options;
    this.#policy = policy;
    this.platform = platform;
    this.args = args;
    this.limits = chooseLimits(options.limits, policy);
    this.stdin = new InputResource(options.stdin ?? '');
    const { outputBytes } = this.limits;
    this.output = new Output(options, outputBytes, (used) =>
      this.stopAtLimit('output', outputBytes, used),
    );
    this.#waiting = new Waiting(platform);
    this.#startedAtMs = platform.monotonic();
    if (signal?.aborted === true) this.#cancel();
    signal?.addEventListener('abort', this.#cancel);
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

  /** A variable of the environment; undefined where it is not set. */
  variable(name: string): string | undefined {
    const { variables, env } = this.#options;
    const found = variables?.get(name);
    if (found !== undefined || env === undefined) return found;
    return Object.hasOwn(env, name) ? env[name] : undefined;
  }

  /** Of the variables that are set, each once. */
  variableNames(): string[] {
    const { variables, env = {} } = this.#options;
    return [...new Set([...Object.keys(env), ...(variables?.names() ?? [])])];
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

  /** A scheme asks again with the final URL, which is often the one that was opened. */
  checkPolicy(url: string): void {
    if (this.urls.at(-1) !== url) this.addUrl(url);
    this.askPolicy(url);
  }

  /** Keeps it for the bill. */
  addUrl(url: string): void {
    if (this.urls.length < MOST_URLS) this.urls.push(url);
  }

  /** Does not return where the policy refuses: the guest is stopped. */
  askPolicy(url: string): void {
    const decision = decide(this.#policy, url);
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
    this.calls[name] = (this.calls[name] ?? 0) + 1;
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
    return this.#waiting.sleep(ms);
  }

  /** Lets others run. */
  turn(): Promise<void> {
    this.#watchTime();
    return this.#options.turn?.() ?? this.platform.turn();
  }

  /** Whether the memory may grow by so many pages, within the run's own limit. */
  grow(pages: number): boolean {
    return this.#options.grow?.(pages) ?? true;
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
    this.#waiting.interrupt(this.#end);
    return this.#end;
  }

  /** Waits for the promise, or for the end of the guest if that comes first. */
  wait<T>(promise: Promise<T>): Promise<T> {
    if (!this.platform.canSuspend) {
      promise.catch(() => {});
      throw this.stop(
        new GuestStop(
          'cannot-suspend',
          'The guest waits (it sleeps, or reads what is not there yet), and this browser cannot suspend it. Chrome 137, Firefox 153, Safari 27, Node 26 and later ones can.',
        ),
      );
    }
    this.#watchTime();
    return this.#waiting.for(promise);
  }

  /** Throws where the guest must end, as each system call and each turn asks: a guest may catch what is thrown. */
  checkEnd(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  /** Closes what the guest left open and calls off what is under way. */
  dispose(): void | Promise<void> {
    this.#waiting.end();
    this.#options.signal?.removeEventListener('abort', this.#cancel);
    this.#abort?.abort(this.#end ?? EXIT);
    this.stdin.end();
    return this.#descriptors.end();
  }

  /** From the first time that the guest lets go of the thread: until then no timer could come. */
  #watchTime(): void {
    const { wallMs } = this.limits;
    this.#waiting.watch(
      () => wallMs - this.elapsedMs,
      () => this.stop(limitStop('time', wallMs, Math.round(this.elapsedMs))),
    );
  }

  readonly #cancel = (): void => {
    this.stop(new GuestStop('cancelled', 'The guest was stopped by its caller.'));
  };
}
