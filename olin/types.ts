/**
 * The shapes that cross the border of this room: what a caller gives to a run and what it gets back.
 * Everything here is a plain value (structured-cloneable) unless its comment says otherwise.
 */
import type { Policy } from './policy/policy.ts';

/** What differs by place: clock, entropy, network, the event loop. Passed in, never sniffed. */
export interface Platform {
  readonly name: 'browser' | 'node';
  /** Milliseconds since 1970-01-01 UTC. */
  now(): number;
  /** Milliseconds on a clock that never goes back; its zero is arbitrary. */
  monotonic(): number;
  /** Fills the buffer, of any length, with cryptographic randomness. */
  random(into: Uint8Array<ArrayBuffer>): void;
  /** A copy that may be kept. Its buffer may be shared with other copies. */
  copy(bytes: Uint8Array): Uint8Array;
  /** Calls `done` once after `ms` milliseconds; the returned function calls it off. */
  timer(ms: number, done: () => void): () => void;
  /** One HTTP exchange; redirects are not followed (the guest sees them). */
  fetch(request: Request): Promise<Response>;
  /** Lets the event loop run once: timers, messages, network. */
  turn(): Promise<void>;
  /** Whether a guest can be suspended here (JavaScript Promise Integration). */
  readonly canSuspend: boolean;
  /** Sent with the guest's outgoing requests, where the place lets a program choose it. */
  readonly userAgent: string | undefined;
}

/** What standard input may come from. A string is encoded as UTF-8. */
export type ByteSource = string | Uint8Array | ReadableStream<Uint8Array>;

/** Takes one chunk, which it may keep; the guest waits while a returned promise is pending. */
export type ByteSink = (chunk: Uint8Array) => void | Promise<void>;

/** What tells a run to stop: an AbortSignal, or a `Stop`, which costs less. */
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

/** Variables that are made when they are asked for. */
export interface Environment {
  /** Undefined for what is not set. */
  get(name: string): string | undefined;
  /** Of those that are set. */
  names(): string[];
}

/** Bounds of one run. A run that passes one is stopped with a {@link Trap} that names it. */
export interface Limits {
  /** WebAssembly instructions, and what system calls are charged. */
  gas: number;
  /** 64 KiB pages, over all memories of the module and what the host keeps for it. */
  memoryPages: number;
  /** Milliseconds from the first instruction, sleeping included. */
  wallMs: number;
  /** Bytes written to standard output and standard error together. */
  outputBytes: number;
  /** Descriptors open at one time. */
  descriptors: number;
  /** Bytes of log text. */
  logBytes: number;
  /** Calls kept in the trace; later ones are counted in the bill only. */
  traceCalls: number;
  /**
   * What sets `gas` and `memoryPages`, as the subject of a sentence such as "The free tier allows no more". Without it the
   * caller of the run is told to raise them.
   */
  setBy?: string;
}

/** Level as the guest gave it: 1 error, 3 warning, 6 info, any other number as it is. */
export interface LogLine {
  readonly level: number;
  readonly text: string;
  /** Milliseconds since the run began. */
  readonly atMs: number;
}

/** One argument of a traced call. Text and byte arguments are shown as text, cut to a bound. */
export interface CallArgument {
  readonly name: string;
  readonly value: string | number;
}

/** One system call, as the trace shows it. */
export interface Call {
  /** The imported name, such as `resource_open`. */
  readonly name: string;
  readonly args: readonly CallArgument[];
  /** What the guest got back; a 64-bit number is written out as text; absent for void and for a call that never returned. */
  readonly result?: string | number;
  /** Why the call never returned to the guest, where it did not. */
  readonly fault?: string;
  /** Milliseconds since the run began. */
  readonly atMs: number;
  readonly tookMs: number;
}

/** What one function of the module used. */
export interface FunctionGas {
  /** From the name section; without one, what it is exported as, or `function 12`. */
  readonly name: string;
  /** Its index in the submitted module, imports first. */
  readonly index: number;
  /** Instructions executed in its own body, without what it calls; of a system call, what it was charged for. */
  readonly gas: number;
}

/** What a run used. */
export interface Bill {
  /** WebAssembly instructions executed, and what system calls were charged. */
  readonly gas: number;
  /**
   * Where the gas went, the most first, functions that used none left out; it adds up to `gas`. There where the module was
   * compiled with `profile` and does not define too many functions for it.
   */
  readonly gasByFunction?: readonly FunctionGas[];
  /** Peak memory in 64 KiB pages: the module's memories, and whole pages of what the host kept for the guest. */
  readonly memoryPages: number;
  /** System calls by imported name. */
  readonly calls: Readonly<Record<string, number>>;
  /** URLs opened, in order, repeats included, up to a bound. */
  readonly urls: readonly string[];
  /** Bytes the guest read from standard input and from resources. */
  readonly bytesIn: number;
  /** Bytes the guest wrote to standard output, standard error and resources. */
  readonly bytesOut: number;
  readonly wallMs: number;
}

/** Why a guest ended otherwise than by returning or by `runtime_exit`. */
export type TrapCode =
  /** A WebAssembly trap: unreachable, out of bounds, stack overflow, … */
  | 'trap'
  /** The guest closed a descriptor that is not open. */
  | 'bad-descriptor'
  /** The policy refused a URL. */
  | 'policy'
  | 'gas'
  | 'memory'
  | 'time'
  | 'output'
  | 'log'
  | 'descriptors'
  /** The caller's signal was aborted. */
  | 'cancelled'
  /** The guest waits, and this browser cannot suspend it. */
  | 'cannot-suspend'
  /** The host failed; a defect of ours. */
  | 'host';

/** A trap, told: what happened, where, and what to do about it. */
export interface Trap {
  readonly code: TrapCode;
  /** One sentence for a person. */
  readonly message: string;
  /** WebAssembly frames, innermost first, by the name section's names: `name (wasm-function[3])`. */
  readonly backtrace: readonly string[];
  /** For a limit: the limit's value and what was used. */
  readonly limit?: number;
  readonly used?: number;
}

/** What a run gave back. */
export interface RunResult {
  /** The exit status; null when the guest was stopped or trapped. */
  readonly exit: number | null;
  readonly trap?: Trap;
  /** Standard output, up to `limits.outputBytes`; empty where `options.stdout` took it. */
  readonly output: Uint8Array;
  readonly errorOutput: Uint8Array;
  readonly log: readonly LogLine[];
  readonly trace: readonly Call[];
  readonly bill: Bill;
}

export interface RunOptions {
  readonly platform: Platform;
  /** Arguments, the module's own name first; default `['main.wasm']`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Asked for a variable before `env` is. */
  readonly variables?: Environment;
  readonly stdin?: ByteSource;
  /** Takes standard output as it is written; without it, it is collected into the result. */
  readonly stdout?: ByteSink;
  readonly stderr?: ByteSink;
  readonly policy?: Policy;
  readonly limits?: Partial<Limits>;
  /** Stops the guest when aborted. */
  readonly signal?: StopSignal;
  /** Keep the trace; default false. */
  readonly trace?: boolean;
  /** Waits for the guest's next turn after a slice of gas; a scheduler's. Default: one round of the event loop. */
  readonly turn?: () => Promise<void>;
  /** Asked before the memory grows by so many pages; false makes the growth fail in the guest. A scheduler's. */
  readonly grow?: (pages: number) => boolean;
  /** Called with each log line and each traced call as they happen. */
  readonly onLog?: (line: LogLine) => void;
  readonly onCall?: (call: Call) => void;
}

/** What CGI adds to a run: who serves, and as what. */
export interface ServeOptions extends Omit<RunOptions, 'stdin' | 'stdout'> {
  /** The path prefix that names the handler; the rest is PATH_INFO. Default empty. */
  readonly scriptName?: string;
  /** Default 127.0.0.1. */
  readonly remoteAddress?: string;
  readonly handlerId?: string;
  readonly runId?: string;
  readonly workerId?: string;
  /** The request's headers as they were received, in place of `request.headers`: a browser's Request drops some. */
  readonly headers?: Iterable<readonly [name: string, value: string]>;
  /** Gives the guest the Authorization header, which RFC 3875 section 9.7 keeps back; default false. */
  readonly passAuthorization?: boolean;
}

/** Why a guest's run gave no HTTP response. */
export type ServeFaultCode = 'trap' | 'exit' | 'bad-reply';

export interface ServeFault {
  readonly code: ServeFaultCode;
  readonly message: string;
}

/**
 * A served request. With `ok`, the response's body streams while the guest still runs; `result` settles at its end
 * (it never rejects). A guest that fails after its header errors the body stream.
 */
export type Served =
  | {
      readonly ok: true;
      readonly response: Response;
      /** The reply's headers in order, several Set-Cookie apart: a browser's Response hides those. */
      readonly headers: readonly (readonly [name: string, value: string])[];
      readonly result: Promise<RunResult>;
    }
  | { readonly ok: false; readonly fault: ServeFault; readonly result: Promise<RunResult> };
