/** What crosses the worker boundary: plain values only, errors as values. */
import type { Diagnostic } from '../../sdk/diagnostic.ts';
import type { Bill, Call, LogLine, ServeFault, Trap } from '../../olin/index.ts';

/** Why something was not done, for a person. `line` and `column` are 1-based, where the input is text. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

export type Reply<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure };

/** A built module of the site by its URL, or bytes: compiled in the page, or a reader's own. */
export type ModuleSource = { readonly url: string } | { readonly bytes: Uint8Array<ArrayBuffer> };

/** A request as the run origin would get it. The body is text. */
export interface JobRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
  /** The path prefix that names the handler: `/run/hello`. */
  readonly scriptName: string;
}

/** One run. */
export interface Job {
  readonly module: ModuleSource;
  /** The handler's name: `hello`. */
  readonly name: string;
  /** Present: the module answers a request. Absent: it is a program. */
  readonly request?: JobRequest;
  /** Arguments after the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  /** The text of a policy file; empty for the default one. */
  readonly policy: string;
  readonly wallMs: number;
}

/** How a run ended. */
export interface Ending {
  readonly exit: number | null;
  readonly trap?: Trap;
  /** Why there was no HTTP response. */
  readonly fault?: ServeFault;
  readonly bill: Bill;
  readonly limits: { readonly gas: number; readonly memoryPages: number };
}

/** What a run tells while it runs, in the order in which it happened; `end` or `failed` is the last. */
export type RunEvent =
  | {
      readonly type: 'head';
      readonly status: number;
      readonly headers: readonly (readonly [string, string])[];
    }
  | { readonly type: 'output'; readonly bytes: Uint8Array }
  | { readonly type: 'errorOutput'; readonly bytes: Uint8Array }
  | { readonly type: 'log'; readonly line: LogLine }
  | { readonly type: 'call'; readonly call: Call }
  | { readonly type: 'end'; readonly ending: Ending }
  | { readonly type: 'failed'; readonly error: Failure };

/** Runs modules. */
export interface Runner {
  /** Fetches and compiles the module of a URL, so that its first run is as quick as its second. */
  warm(url: string): Promise<Reply<null>>;
  /** Runs; the port gets {@link RunEvent} arrays. Settles after the last was posted. */
  run(job: Job, port: MessagePort): Promise<Reply<null>>;
  /** Asks the guest that runs to end at its next turn; one that never gives a turn needs its worker ended. */
  cancel(): void;
}

/** Compiles sources. */
export interface Compiler {
  /** Loads the compiler of a language: large, so only when it is about to be needed. */
  load(language: PageLanguage): Promise<Reply<null>>;
  compile(language: PageLanguage, source: string): Promise<Reply<Compiled>>;
}

export type PageLanguage = 'assemblyscript' | 'wat';

export interface Compiled {
  /** Absent where an error is among the diagnostics. */
  readonly module?: Uint8Array<ArrayBuffer>;
  readonly diagnostics: readonly Diagnostic[];
}
