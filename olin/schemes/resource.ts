/**
 * The object behind a descriptor. A URL scheme is one subclass of {@link Resource}, whose methods fail unless overridden,
 * and one {@link Scheme} row in `index.ts`.
 */
import { CallError } from '../errors.ts';
import type { Platform } from '../types.ts';

export class Resource {
  /** The URL's scheme, or `stdin`, `stdout`, `stderr`, for messages. */
  readonly kind: string;

  constructor(kind: string) {
    this.kind = kind;
  }

  /**
   * Returns at most `max` bytes (at least 1), or null at the end of the data; an empty chunk is not the end.
   * A returned promise suspends the guest. The caller copies the chunk before it reads again.
   */
  read(max: number): Uint8Array | null | Promise<Uint8Array | null> {
    void max;
    throw new CallError('UnknownError', `${this.kind} cannot be read`);
  }

  /**
   * Takes `data` or a leading part of it, and returns the number of bytes taken. `data` is a view of the guest's memory:
   * copy what is kept.
   */
  write(data: Uint8Array): number | Promise<number> {
    void data;
    throw new CallError('UnknownError', `${this.kind} cannot be written`);
  }

  /** Sends buffered data. */
  flush(): void | Promise<void> {}

  /** Frees the resource. Called once; at the end of a run, also for each one left open. */
  close(): void | Promise<void> {}
}

/** The part of a run that schemes may use. */
export interface SchemeHost {
  readonly platform: Platform;
  /** Aborted when the run ends: pending requests must end with it. */
  readonly signal: AbortSignal;
  /** Adds a line to the run's log; 1 error, 3 warning, 6 info. */
  log(level: number, text: string): void;
  /** Charges gas for work about to be done; does not return if that exceeds the limit (the guest is stopped). */
  charge(gas: number): void;
  /** Counts bytes held for the guest as its memory. Returns false, and counts nothing, if they do not fit. */
  hold(bytes: number): boolean;
  /** What to do if {@link hold} refuses, as a sentence. */
  memoryRemedy(): string;
  /** Stops counting held bytes. */
  release(bytes: number): void;
  /** Returns a file of the module, by its path without the first slash; undefined if there is none. */
  findFile(path: string): Uint8Array | undefined;
  /** Checks the policy; does not return if it denies the URL (the guest is stopped). */
  checkPolicy(url: string): void;
}

export interface Scheme {
  /** Without the colon. */
  readonly name: string;
  /** One sentence for the docs. */
  readonly doc: string;
  /** What reading and writing do, one sentence each. */
  readonly reads: string;
  readonly writes: string;
  /**
   * Opens a URL that the policy allows; the scheme's name is in lower case.
   * Throws a {@link CallError} if it cannot be opened.
   */
  open(url: string, host: SchemeHost): Resource | Promise<Resource>;
}
