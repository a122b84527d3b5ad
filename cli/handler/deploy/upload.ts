/** Sends a deployment, reports progress, and retries if the connection breaks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { take, type Api } from '../../../client/api.ts';
import { UnreachableError } from '../../../client/errors.ts';
import type { DeploymentResult, DeploymentForm } from '../../../client/views.ts';

const CHUNK_BYTES = 64 * 1024;
const MAX_ATTEMPTS = 3;
const WAIT_MS = 500;
/** Required by fetch with a body that is a stream. */
const STREAMED = { duplex: 'half' } as const;

export interface Upload {
  readonly deployment: DeploymentForm;
  /** Undefined if `deployment` names a version. */
  readonly module: Uint8Array<ArrayBuffer> | undefined;
  readonly signal: AbortSignal;
  /** Called with the fraction sent, from 0 to 1. */
  readonly onShare: (share: number) => void;
}

/** Sends one request, which the server applies completely or not at all. Throws an ApiError or an UnreachableError. */
export async function sendDeployment(api: Api, upload: Upload): Promise<DeploymentResult> {
  const { deployment, module, signal, onShare } = upload;
  const form = new FormData();
  form.append('deployment', JSON.stringify(deployment));
  if (module !== undefined) form.append('module', new Blob([module]), 'module.wasm');
  const encoded = new Response(form);
  const contentType = encoded.headers.get('content-type') ?? '';
  const bytes = new Uint8Array(await encoded.arrayBuffer());
  // The same key in each attempt, so that a retry does not deploy twice.
  const key = crypto.randomUUID();
  for (let attempts = 1; ; attempts += 1) {
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
      if (!(error instanceof UnreachableError) || attempts === MAX_ATTEMPTS) throw error;
      await sleep(WAIT_MS * attempts, undefined, { signal });
    }
  }
}

/** Streams the bytes in chunks as they are read. */
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
