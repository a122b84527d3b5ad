/** Sends a deployment, tells how far it is, and sends it again if the connection breaks. */
import { setTimeout as rest } from 'node:timers/promises';
import { take, type Api } from '../../../client/api.ts';
import { UnreachableError } from '../../../client/errors.ts';
import type { Deployed, DeploymentForm } from '../../../client/views.ts';

const CHUNK_BYTES = 64 * 1024;
const MAX_TRIES = 3;
const WAIT_MS = 500;
/** Required by fetch with a body that is a stream. */
const STREAMED = { duplex: 'half' } as const;

export interface Upload {
  readonly deployment: DeploymentForm;
  /** Undefined if `deployment` names a version. */
  readonly module: Uint8Array<ArrayBuffer> | undefined;
  readonly signal: AbortSignal;
  /** Of 1. */
  readonly onShare: (share: number) => void;
}

/** One request: the server switches all of it, or nothing. Throws an ApiError or an UnreachableError. */
export async function sendDeployment(api: Api, upload: Upload): Promise<Deployed> {
  const { deployment, module, signal, onShare } = upload;
  const form = new FormData();
  form.append('deployment', JSON.stringify(deployment));
  if (module !== undefined) form.append('module', new Blob([module]), 'module.wasm');
  const encoded = new Response(form);
  const contentType = encoded.headers.get('content-type') ?? '';
  const bytes = new Uint8Array(await encoded.arrayBuffer());
  // The same in each try: what arrived before the connection broke is not deployed twice.
  const key = crypto.randomUUID();
  for (let tries = 1; ; tries += 1) {
    try {
      return await take(
        api.POST('/api/deployments', {
          params: { header: { 'idempotency-key': key } },
          headers: { 'content-type': contentType },
          body: { deployment },
          bodySerializer: () => '',
          fetch: ({ url, method, headers }) =>
            fetch(url, { method, headers, signal, body: countOut(bytes, onShare), ...STREAMED }),
        }),
      );
    } catch (error) {
      if (!(error instanceof UnreachableError) || tries === MAX_TRIES) throw error;
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
