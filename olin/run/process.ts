/** One run of one guest: its descriptors, environment, limits and counters. */
import { Descriptors } from './descriptors.ts';
import { openPreopens } from '../files/file-tree.ts';
import { OpenFiles, type OpenFilesHost } from '../files/open-files.ts';
import { EXIT, GuestStop, limitStop, type GuestEnd } from './report/ending.ts';
import { CALL_RATES, gasFor } from './call-cost.ts';
import { chooseLimits, describeRemedy, type LimitCode } from '../limits.ts';
import { GuestMemory } from './memory.ts';
import { Output } from './output.ts';
import { decide, DEFAULT_POLICY, matchingSteps, type Policy } from '../policy/policy.ts';
import { RunRecord } from './report/run-record.ts';
import type { Resource, SchemeHost } from '../schemes/resource.ts';
import { InputResource } from '../schemes/stdio.ts';
import { MAX_SHOWN_URL, shorten } from '../shorten.ts';
import type { Limits, Platform, RunOptions } from '../types.ts';
import { Waiting } from './waiting.ts';

/** Approximate overhead in host memory, in bytes: of a log line or URL besides its text, and of an open descriptor. */
const HELD = { text: 64, descriptor: 4096 } as const;
/** Gas of system calls between two clock reads: reading the clock takes 50 ns, a third of a small call. */
const CLOCK_GAS = 4096;

const WARNING = 3;
/** Maximum characters of a warning. */
const MAX_WARNING = 1000;
const NO_MEMORY = new GuestMemory(undefined);
const ARGS: readonly string[] = ['main.wasm'];

/** Accounts for charges of system calls; a `Gauge`, except in tests. */
export interface Meter {
  readonly used: number;
  readonly isTurnDue: boolean;
  readonly peakMemoryPages: number;
  charge(gas: number): boolean;
  hold(bytes: number): boolean;
  turn(): Promise<void>;
}

export class Process implements SchemeHost, OpenFilesHost {
  readonly platform: Platform;
  readonly limits: Limits;
  readonly args: readonly string[];
  readonly stdin: InputResource;
  readonly output: Output;
  /** Set once the module is instantiated. */
  memory = NO_MEMORY;
  /** Set while the guest has an instance. */
  meter: Meter | undefined;
  /** Ensures that the guest ends even if it catches the exception thrown through it. */
  onEnd: (() => void) | undefined;

  readonly record = new RunRecord();

  readonly #options: RunOptions;
  readonly #policy: Policy;
  readonly #startedAtMs: number;
  readonly #descriptors = new Descriptors();
  readonly #waiting: Waiting;
  #files: OpenFiles | undefined;
  /** Descriptors of files and directories that the guest opened. */
  #openedFiles = 0;
  #lastUrl: string | undefined;
  /** Gas charged since the clock was read. */
  #clockGas = 0;
  #abort: AbortController | undefined;
  /** Set when the guest must end, or has exited. */
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

  /** The status passed to runtime_exit; null if it was not called. */
  get exitStatus(): number | null {
    return this.#status;
  }

  /** Why the guest must end; undefined while it may continue. */
  get end(): GuestEnd | undefined {
    return this.#end;
  }

  /** Aborted when the run ends. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    return this.#abort.signal;
  }

  /** Returns an environment variable, or undefined if it is not set. */
  variable(name: string): string | undefined {
    const { variables, env } = this.#options;
    const found = variables?.get(name);
    if (found !== undefined || env === undefined) return found;
    return Object.hasOwn(env, name) ? env[name] : undefined;
  }

  /** Returns the names of the variables that are set, without duplicates. */
  variableNames(): string[] {
    const { variables, env = {} } = this.#options;
    return [...new Set([...Object.keys(env), ...(variables?.names() ?? [])])];
  }

  // Descriptors and URLs

  /** The descriptors of WASI, which are separate from those of the ABI. */
  get files(): OpenFiles {
    return (this.#files ??= this.#openFiles());
  }

  holdDescriptor(): boolean {
    const open = this.#descriptors.size + this.#openedFiles + 1;
    if (open > this.limits.descriptors || !this.hold(HELD.descriptor)) return false;
    this.#openedFiles++;
    return true;
  }

  releaseDescriptor(): void {
    this.#openedFiles--;
    this.release(HELD.descriptor);
  }

  timestamp(): bigint {
    return BigInt(Math.floor(this.platform.now() * 1000)) * 1000n;
  }

  addDescriptor(resource: Resource): number {
    const open = this.#descriptors.size + this.#openedFiles + 1;
    const { descriptors } = this.limits;
    const fits = open <= descriptors;
    if (fits && this.hold(HELD.descriptor)) return this.#descriptors.add(resource);
    const end = fits ? this.#endAtMemory() : this.endAtLimit('descriptors', descriptors, open);
    // Without a descriptor, nothing else would close it.
    const closing = resource.close();
    if (closing instanceof Promise) closing.catch(() => {});
    throw end;
  }

  descriptor(fd: number): Resource {
    return this.#descriptors.get(fd);
  }

  close(fd: number): void | Promise<void> {
    if (this.#descriptors.has(fd)) {
      this.release(HELD.descriptor);
      return this.#descriptors.remove(fd);
    }
    throw this.stop(
      new GuestStop(
        'bad-descriptor',
        `The guest closed descriptor ${fd}, which is not open. Close each descriptor once, and only descriptors returned by resource_open or io_get_*.`,
      ),
    );
  }

  /** Records a URL for the bill. */
  addUrl(url: string): void {
    this.#lastUrl = url;
    const kept = this.record.addUrl(url);
    if (kept > 0) this.hold(HELD.text + kept);
  }

  /**
   * Charges for a policy check, and checks the URL. Does not return if the policy denies it: the guest is stopped. A
   * scheme checks the final URL again, which is often the one that was opened.
   */
  checkPolicy(url: string): void {
    if (url !== this.#lastUrl) this.addUrl(url);
    this.charge(gasFor('policy', matchingSteps(this.#policy, url)));
    const decision = decide(this.#policy, url);
    if (decision.allowed) return;
    throw this.stop(
      new GuestStop(
        'policy',
        `vibe check failed: URL forbidden by policy: ${shorten(url, MAX_SHOWN_URL)} (${decision.by}).`,
      ),
    );
  }

  findFile(path: string): Uint8Array | undefined {
    const root = this.#options.preopens?.find((each) => each.path === '/' && !each.isWritable);
    return root?.files.get(path);
  }

  // Counters and limits

  /** Counts bytes that the host holds as memory of the guest. Returns false, and counts nothing, if they do not fit. */
  hold(bytes: number): boolean {
    return this.meter?.hold(bytes) ?? true;
  }

  /** Stops counting held bytes. */
  release(bytes: number): void {
    this.meter?.hold(-bytes);
  }

  /** Counts and charges a system call. Does not return if the guest must end. */
  beginCall(name: string): void {
    this.checkEnd();
    this.record.countCall(name);
    this.charge(CALL_RATES.call.gas);
  }

  /** Charges gas for work about to be done. Does not return if that exceeds the limit: the guest is stopped. */
  charge(gas: number): void {
    const { meter } = this;
    if (meter !== undefined && !meter.charge(gas)) {
      this.stopAtLimit('gas', this.limits.gas, meter.used + gas);
    }
    this.record.countGas(gas);
    this.#clockGas += gas;
    if (this.#clockGas >= CLOCK_GAS) this.#checkTime();
  }

  /** Yields if the guest has used up its slice in system calls and can be suspended; else returns undefined. */
  dueTurn(): Promise<void> | undefined {
    if (!this.platform.canSuspend || this.meter?.isTurnDue !== true) return undefined;
    return this.wait(this.meter.turn()).then(() => this.checkEnd());
  }

  countRead(bytes: number): void {
    this.record.bytesIn += bytes;
  }

  countWritten(bytes: number): void {
    this.record.bytesOut += bytes;
  }

  log(level: number, text: string): void {
    const bytes = this.record.countLine(text);
    if (bytes > this.limits.logBytes) this.stopAtLimit('log', this.limits.logBytes, bytes);
    if (!this.hold(HELD.text + text.length)) throw this.#endAtMemory();
    const line = { level, text, atMs: this.elapsedMs };
    this.record.logLines.push(line);
    this.#options.onLog?.(line);
  }

  /** Logs why a system call failed, shortened. */
  warn(text: string): void {
    this.log(WARNING, shorten(text, MAX_WARNING));
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

  /** Yields to other guests. */
  turn(): Promise<void> {
    this.#watchTime();
    return this.#options.turn?.() ?? this.platform.turn();
  }

  /** Whether the memory may grow by `pages`, which are within the run's own limit. */
  grow(pages: number): boolean {
    return this.#options.grow?.(pages) ?? true;
  }

  exit(status: number): never {
    this.#status ??= status;
    throw this.stop(EXIT);
  }

  stopAtLimit(code: LimitCode, limit: number, used: number): never {
    throw this.endAtLimit(code, limit, used);
  }

  /** Like {@link stopAtLimit}, but returns the error to throw. */
  endAtLimit(code: LimitCode, limit: number, used: number): GuestEnd {
    const remedy = code === 'gas' || code === 'memory' ? this.#remedy(code) : undefined;
    return this.stop(limitStop(code, limit, used, remedy));
  }

  memoryRemedy(): string {
    return this.#remedy('memory');
  }

  /** Marks the guest as ended (the first reason applies), wakes it if it waits, and returns the error to throw. */
  stop(end: GuestEnd): GuestEnd {
    this.#end ??= end;
    this.onEnd?.();
    this.#waiting.interrupt(this.#end);
    return this.#end;
  }

  /** Waits for the promise, or until the guest must end. */
  wait<T>(promise: Promise<T>): Promise<T> {
    if (!this.platform.canSuspend) {
      promise.catch(() => {});
      throw this.stop(
        new GuestStop(
          'cannot-suspend',
          'The guest must wait for a timer or for data, and this browser cannot suspend it. Chrome 137, Firefox 153, Safari 27, Node 26 and later versions can.',
        ),
      );
    }
    this.#watchTime();
    return this.#waiting.for(promise);
  }

  /** Throws if the guest must end. Checked by each system call and turn, because a guest may catch the exception. */
  checkEnd(): void {
    if (this.#end !== undefined) throw this.#end;
  }

  /** Closes open resources and cancels pending operations. */
  dispose(): void | Promise<void> {
    this.#waiting.end();
    this.#options.signal?.removeEventListener('abort', this.#cancel);
    this.#abort?.abort(this.#end ?? EXIT);
    this.stdin.end();
    return this.#descriptors.end();
  }

  #openFiles(): OpenFiles {
    const { stdout, stderr } = this.output;
    const { preopens = [] } = this.#options;
    const roots = openPreopens(preopens, this.timestamp());
    return new OpenFiles(
      this,
      { input: this.stdin, output: stdout, errors: stderr },
      roots.map((node, at) => ({
        kind: 'directory',
        node,
        flags: 0,
        preopenedAs: preopens[at]?.path ?? '',
      })),
    );
  }

  /** Starts the time limit's timer when the guest first yields the thread: until then no timer could fire. */
  #watchTime(): void {
    const { wallMs } = this.limits;
    this.#waiting.watch(
      () => wallMs - this.elapsedMs,
      () => this.#stopLate(),
    );
  }

  /** Stops a guest that exceeded its time without yielding the thread, so that no timer could fire. */
  #checkTime(): void {
    this.#clockGas = 0;
    if (this.elapsedMs > this.limits.wallMs) throw this.#stopLate();
  }

  #remedy(code: 'gas' | 'memory'): string {
    return describeRemedy(code, this.#options.limits, this.#policy);
  }

  #endAtMemory(): GuestEnd {
    const { memoryPages } = this.limits;
    return this.endAtLimit('memory', memoryPages, (this.meter?.peakMemoryPages ?? 0) + 1);
  }

  #stopLate(): GuestEnd {
    return this.endAtLimit('time', this.limits.wallMs, Math.round(this.elapsedMs));
  }

  readonly #cancel = (): void => {
    this.stop(new GuestStop('cancelled', 'The guest was stopped by its caller.'));
  };
}
