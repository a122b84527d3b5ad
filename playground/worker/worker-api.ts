/** Types that cross the worker boundary: plain values only, with errors as values. */
import type { Diagnostic } from '../../sdk/diagnostic.ts';
import type { PageLanguage } from '../../sdk/languages.ts';
import type { Bill, TracedCall, LogLine, ServeFault, StopReason } from '../../olin/index.ts';

/** A failure for display. `line` and `column` are 1-based and present if the input is text. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

export type WorkerResult<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure };

/** A prebuilt module of the site by its URL, or bytes compiled in the page or opened by the reader. */
export type ModuleSource = { readonly url: string } | { readonly bytes: Uint8Array<ArrayBuffer> };

/** A request as the run origin would receive it. The body is text. */
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
  /** If absent, the module is run as a program. */
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
export interface RunEnding {
  readonly exit: number | null;
  readonly trap?: StopReason;
  /** Why there was no HTTP response. */
  readonly fault?: ServeFault;
  readonly bill: Bill;
  readonly limits: { readonly gas: number; readonly memoryPages: number };
}

/** Events of a run, in order. The last is `end` or `failed`. */
export type RunEvent =
  | {
      readonly type: 'head';
      readonly status: number;
      readonly headers: readonly (readonly [string, string])[];
    }
  | { readonly type: 'output'; readonly bytes: Uint8Array }
  | { readonly type: 'errorOutput'; readonly bytes: Uint8Array }
  | { readonly type: 'log'; readonly line: LogLine }
  | { readonly type: 'call'; readonly call: TracedCall }
  | { readonly type: 'end'; readonly ending: RunEnding }
  | { readonly type: 'failed'; readonly error: Failure };

/** Runs modules. */
export interface Runner {
  /** Fetches and compiles the module at a URL, so that the first run is as fast as later ones. */
  warm(url: string): Promise<WorkerResult<null>>;
  /** Runs a job. The port receives {@link RunEvent} arrays. Resolves after the last was posted. */
  run(job: Job, port: MessagePort): Promise<WorkerResult<null>>;
  /** Asks the guest to stop when it next yields. If it never yields, its worker must be terminated. */
  cancel(): void;
}

/** Compiles sources. */
export interface Compiler {
  /** Loads the compiler of a language. Compilers are large, so they are loaded only when about to be needed. */
  load(language: PageLanguage): Promise<WorkerResult<null>>;
  compile(language: PageLanguage, source: string): Promise<WorkerResult<Compiled>>;
}

export interface Compiled {
  /** Absent if the diagnostics contain an error. */
  readonly module?: Uint8Array<ArrayBuffer>;
  readonly diagnostics: readonly Diagnostic[];
}
