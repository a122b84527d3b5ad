/** Sends a module, tells how far it is, and sends it again where the connection broke. */
import { setTimeout as rest } from 'node:timers/promises';
import { take, type Api } from '../../client/api.ts';
import { UnreachableError } from '../../client/errors.ts';
import type { Version } from '../../client/views.ts';

const CHUNK_BYTES = 64 * 1024;
const TRIES = 3;
const WAIT_MS = 500;
/** What fetch asks for with a body that is a stream. */
const STREAMED = { duplex: 'half' } as const;

export interface Upload {
  readonly handler: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly note: string | undefined;
  readonly activate: boolean;
  readonly signal: AbortSignal;
  /** Of 1. */
  readonly onShare: (share: number) => void;
}

export async function uploadModule(api: Api, upload: Upload): Promise<Version> {
  const { handler, bytes, note, activate, signal, onShare } = upload;
  // The same in each try: what arrived before the connection broke makes no second version.
  const key = crypto.randomUUID();
  for (let tries = 1; ; tries += 1) {
    try {
      return await take(
        api.POST('/api/handlers/{handler}/versions', {
          params: {
            path: { handler },
            header: { 'idempotency-key': key },
            query: { activate, ...(note === undefined ? {} : { note }) },
          },
          headers: { 'content-type': 'application/wasm' },
          body: new Blob([bytes]),
          fetch: ({ url, method, headers }) =>
            fetch(url, { method, headers, signal, body: countOut(bytes, onShare), ...STREAMED }),
        }),
      );
    } catch (error) {
      if (!(error instanceof UnreachableError) || tries === TRIES) throw error;
      await rest(WAIT_MS * tries, undefined, { signal });
    }
  }
}

/** The bytes in pieces, as fast as they are taken. */
function countOut(
  bytes: Uint8Array<ArrayBuffer>,
  onShare: (share: number) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream(
    {
      pull(controller) {
        onShare(Math.min(1, at / Math.max(1, bytes.length)));
        if (at >= bytes.length) return controller.close();
        controller.enqueue(bytes.subarray(at, at + CHUNK_BYTES));
        at += CHUNK_BYTES;
      },
    },
    { highWaterMark: 0 },
  );
}
