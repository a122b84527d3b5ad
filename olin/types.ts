/**
 * The types of the runtime's interface: the options of a run and its result.
 * Everything here is a plain, structured-cloneable value unless its comment says otherwise.
 */
import type { Preopen } from './files/file-tree.ts';
import type { Policy } from './policy/policy.ts';

/** What differs between Node and browsers: clock, entropy, network, event loop. Passed in, never detected. */
export interface Platform {
  readonly name: 'browser' | 'node';
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Milliseconds on a monotonic clock with an arbitrary zero. */
  monotonic(): number;
  /** Fills a buffer of any length with cryptographically secure random bytes. */
  random(into: Uint8Array<ArrayBuffer>): void;
  /** Returns a copy. Its buffer may be shared with other copies. */
  copy(bytes: Uint8Array): Uint8Array;
  /** Whether all bytes are 0. Absent if the platform has no way that is faster than zeroing them. */
  isZero?(bytes: Uint8Array): boolean;
  /** Calls `done` once after `ms` milliseconds; the returned function cancels the timer. */
  timer(ms: number, done: () => void): () => void;
  /** One HTTP exchange; redirects are not followed (the guest sees them). */
  fetch(request: Request): Promise<Response>;
  /** Lets the event loop run once: timers, messages, network. */
  turn(): Promise<void>;
  /** Whether a guest can be suspended here (JavaScript Promise Integration). */
  readonly canSuspend: boolean;
  /** User-Agent of the guest's outgoing requests, if the platform allows setting it. */
  readonly userAgent: string | undefined;
}

/** The source of standard input. A string is encoded as UTF-8. */
export type ByteSource = string | Uint8Array | ReadableStream<Uint8Array>;

/** Receives one chunk, which it may keep; the guest waits while a returned promise is pending. */
export type ByteSink = (chunk: Uint8Array) => void | Promise<void>;

/** Requests that a run stops: an AbortSignal, or a `Stop`, which costs less. */
export interface StopSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** An AbortController, or a `Stop`. */
export interface Stopper {
  readonly signal: StopSignal;
  abort(reason?: unknown): void;
}

/** Environment variables that are computed on demand. */
export interface Environment {
  /** Returns undefined if the variable is not set. */
  get(name: string): string | undefined;
  /** Names of the variables that are set. */
  names(): string[];
}

/** Limits of one run. A run that exceeds one is stopped with a {@link StopReason} that names it. */
export interface Limits {
  /** WebAssembly instructions, plus charges for system calls. */
  gas: number;
  /** 64 KiB pages over all memories of the module and what the host holds for it. */
  memoryPages: number;
  /** Milliseconds from the first instruction, sleeping included. */
  wallMs: number;
  /** Bytes written to standard output and standard error together. */
  outputBytes: number;
  /** Descriptors open at the same time. */
  descriptors: number;
  /** Bytes of log text. */
  logBytes: number;
  /** Calls recorded in the trace; later ones are only counted in the bill. */
  traceCalls: number;
  /**
   * What sets `gas` and `memoryPages`, as the subject of a sentence such as "The free tier allows no more". Without it,
   * the message asks the caller of the run to raise them.
   */
  setBy?: string;
}

/** A log line. `level` is the guest's: 1 error, 3 warning, 6 info; other numbers are kept. */
export interface LogLine {
  readonly level: number;
  readonly text: string;
  /** Milliseconds since the run began. */
  readonly atMs: number;
}

/** One argument of a traced call. Text and byte arguments are shown as shortened text. */
export interface CallArgument {
  readonly name: string;
  readonly value: string | number;
}

/** One system call in the trace. */
export interface TracedCall {
  /** The imported name, such as `resource_open`. */
  readonly name: string;
  readonly args: readonly CallArgument[];
  /**
   * The return value; 64-bit numbers as text. Absent for functions without a result and for calls that never returned.
   */
  readonly result?: string | number;
  /** Present if the call never returned to the guest: the reason. */
  readonly fault?: string;
  /** Milliseconds since the run began. */
  readonly atMs: number;
  readonly tookMs: number;
}

/** The gas that one function used. */
export interface FunctionGas {
  /** From the name section; else its export name, or `function 12`. */
  readonly name: string;
  /** Its index in the submitted module, imports first. */
  readonly index: number;
  /** Instructions executed in its own body, excluding callees; for a system call, its charges. */
  readonly gas: number;
}

/** The resources that a run used. */
export interface Bill {
  /** WebAssembly instructions executed, plus charges for system calls. */
  readonly gas: number;
  /**
   * Gas per function, largest first, omitting functions that used none; the sum is `gas`. Present if the module was
   * compiled with `profile` and does not have too many functions.
   */
  readonly gasByFunction?: readonly FunctionGas[];
  /** Peak memory in 64 KiB pages: the module's memories, and whole pages of what the host held for the guest. */
  readonly memoryPages: number;
  /** System calls by imported name. */
  readonly calls: Readonly<Record<string, number>>;
  /** URLs opened, in order, including repeats, up to a bound. */
  readonly urls: readonly string[];
  /** Bytes the guest read from standard input and from resources. */
  readonly bytesIn: number;
  /** Bytes the guest wrote to standard output, standard error and resources. */
  readonly bytesOut: number;
  readonly wallMs: number;
}

/** Why a guest ended other than by returning or by `runtime_exit`. */
export type StopCode =
  /** A WebAssembly trap: unreachable, out of bounds, stack overflow, … */
  | 'trap'
  /** The guest closed a descriptor that is not open. */
  | 'bad-descriptor'
  /** The policy denied a URL. */
  | 'policy'
  | 'gas'
  | 'memory'
  | 'time'
  | 'output'
  | 'log'
  | 'descriptors'
  /** The caller's signal was aborted. */
  | 'cancelled'
  /** The guest must wait, and this browser cannot suspend it. */
  | 'cannot-suspend'
  /** The host failed: a bug in the runtime. */
  | 'host';

/**
 * Why and where a guest was stopped: by a trap, a limit, the policy or its caller. In JSON, the field is named `trap`.
 */
export interface StopReason {
  readonly code: StopCode;
  /** One sentence for a person. */
  readonly message: string;
  /** WebAssembly frames, innermost first, with names from the name section: `name (wasm-function[3])`. */
  readonly backtrace: readonly string[];
  /** For a limit: its value and what was used. */
  readonly limit?: number;
  readonly used?: number;
}

/** The result of a run. */
export interface RunResult {
  /** The exit status; null if the guest was stopped or trapped. */
  readonly exit: number | null;
  readonly trap?: StopReason;
  /** Standard output, up to `limits.outputBytes`; empty if `options.stdout` received it. */
  readonly output: Uint8Array;
  readonly errorOutput: Uint8Array;
  readonly log: readonly LogLine[];
  readonly trace: readonly TracedCall[];
  readonly bill: Bill;
}

export interface RunOptions {
  readonly platform: Platform;
  /** Arguments, the module's own name first; default `['main.wasm']`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Takes precedence over `env`. */
  readonly variables?: Environment;
  /** Directories that WASI programs are given, from descriptor 3 on. Default none. Not structured-cloneable. */
  readonly preopens?: readonly Preopen[];
  readonly stdin?: ByteSource;
  /** Receives standard output as it is written. Default: it is collected in the result. */
  readonly stdout?: ByteSink;
  readonly stderr?: ByteSink;
  readonly policy?: Policy;
  readonly limits?: Partial<Limits>;
  /** Stops the guest when aborted. */
  readonly signal?: StopSignal;
  /** Whether to record the trace. Default false. */
  readonly trace?: boolean;
  /** Waits for the guest's next turn after a slice of gas; see `Scheduler`. Default: one round of the event loop. */
  readonly turn?: () => Promise<void>;
  /** Called before the memory grows by `pages`; returning false makes the growth fail in the guest. See `Scheduler`. */
  readonly grow?: (pages: number) => boolean;
  /** Called with each log line and each traced call as they happen. */
  readonly onLog?: (line: LogLine) => void;
  readonly onCall?: (call: TracedCall) => void;
}

/** Options that CGI adds to a run. */
export interface ServeOptions extends Omit<RunOptions, 'stdin' | 'stdout'> {
  /** The path prefix that names the handler; the rest is PATH_INFO. Default empty. */
  readonly scriptName?: string;
  /** Default 127.0.0.1. */
  readonly remoteAddress?: string;
  readonly handlerId?: string;
  readonly runId?: string;
  readonly workerId?: string;
  /** The request's headers as received, instead of `request.headers`: a browser's Request drops some. */
  readonly headers?: Iterable<readonly [name: string, value: string]>;
  /** Passes the Authorization header to the guest, against the advice of RFC 3875 section 9.7. Default false. */
  readonly passAuthorization?: boolean;
}

/** Why a run produced no HTTP response. */
export type ServeFaultCode = 'trap' | 'exit' | 'bad-reply';

export interface ServeFault {
  readonly code: ServeFaultCode;
  readonly message: string;
}

/**
 * A served request. With `ok`, the response body streams while the guest is still running. `result` resolves when the
 * guest has ended; it never rejects. A guest that fails after its header makes the body stream error.
 */
export type Served =
  | {
      readonly ok: true;
      readonly response: Response;
      /** The reply's headers in order, with separate Set-Cookie headers, which a browser's Response hides. */
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly result: Promise<RunResult>;
    }
  | { readonly ok: false; readonly fault: ServeFault; readonly result: Promise<RunResult> };
