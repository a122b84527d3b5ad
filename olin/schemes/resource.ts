/**
 * What stands behind a descriptor. A URL scheme is one class over {@link Resource}, which answers
 * "not supported" to all that the class does not override, and one {@link Scheme} row in `index.ts`.
 */
import { CallError } from '../errors.ts';
import type { Platform } from '../types.ts';

export class Resource {
  /** The URL's scheme, or `stdin`, `stdout`, `stderr`: what messages call this resource. */
  readonly kind: string;

  constructor(kind: string) {
    this.kind = kind;
  }

  /**
   * At most `max` bytes (max is at least 1, and bounded by what one call moves); an empty chunk is a read of nothing, null is the end of the data.
   * A returned promise suspends the guest. The caller copies the chunk before it reads again.
   */
  read(max: number): Uint8Array | null | Promise<Uint8Array | null> {
    void max;
    throw new CallError('UnknownError', `${this.kind} cannot be read`);
  }

  /**
   * Takes `data` or a part of it from the front, which is the guest's own memory: copy what is kept. Returns the bytes
   * taken.
   */
  write(data: Uint8Array): number | Promise<number> {
    void data;
    throw new CallError('UnknownError', `${this.kind} cannot be written`);
  }

  /** Sends on what is buffered. */
  flush(): void | Promise<void> {}

  /** Frees what the resource holds. Called once; also at the end of a run for each one left open. */
  close(): void | Promise<void> {}
}

/** What a scheme may ask of the run that opens it. */
export interface SchemeHost {
  readonly platform: Platform;
  /** Aborted when the run ends: pending requests must end with it. */
  readonly signal: AbortSignal;
  /** Adds a line to the run's log; 1 error, 3 warning, 6 info. */
  log(level: number, text: string): void;
  /** Takes gas for work that is about to be done; does not return when it passes the limit (the guest is stopped). */
  charge(gas: number): void;
  /** Counts bytes that are kept for the guest as its memory. False if they do not fit: then nothing is counted. */
  hold(bytes: number): boolean;
  /** What to do if {@link hold} refuses, as a sentence. */
  memoryRemedy(): string;
  /** Counts bytes no longer that were held. */
  release(bytes: number): void;
  /** Asks the policy; does not return when it refuses (the guest is stopped). */
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
   * Opens a URL as the guest wrote it (the policy has already allowed that text).
   * Throws a {@link CallError} when it cannot.
   */
  open(url: string, host: SchemeHost): Resource | Promise<Resource>;
}
