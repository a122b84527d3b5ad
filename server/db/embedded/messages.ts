/** Messages between the web process's main thread and the thread of the embedded database. */
import type { MessagePort } from 'node:worker_threads';

/** The thread's `workerData`. */
export interface ThreadData {
  /** Folder of the database's files, or a dump to be loaded into memory. */
  readonly from: string | Blob;
  /** One number: the start of the running statement, by {@link monotonicMs}; 0 if none is running. */
  readonly statementSince: Float64Array;
}

export type ToThread =
  | { readonly kind: 'connect'; readonly port: MessagePort }
  | { readonly kind: 'share'; readonly path: string }
  | { readonly kind: 'close' };

export type FromThread =
  | { readonly kind: 'open' | 'shared' }
  | { readonly kind: 'open-failed' | 'share-failed'; readonly error: Error };

/** Milliseconds of a clock that all threads of the machine share. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint() / 1_000_000n);
}
