/** The store as objects of a bucket, over the S3 API: Backblaze B2, or any other that speaks it. */
import { AwsClient } from 'aws4fetch';
import type { S3Settings } from '../config.ts';
import { digestOf, keyOf, StoreError, verify, type ObjectStore } from './store.ts';

/** Milliseconds that one attempt may take. */
const TIMEOUT_MS = 15_000;
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 100;

export function openS3Store(settings: S3Settings): ObjectStore {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = settings;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
  // Addressed by path: works with every server, and with a bucket whose name has dots.
  const root = `${endpoint}/${encodeURIComponent(bucket)}`;

  const send = async (
    method: string,
    url: string,
    body?: Uint8Array<ArrayBuffer>,
  ): Promise<Response> => {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await attemptOnce(method, url, body);
      const passing = outcome instanceof Error || outcome.status >= 500 || outcome.status === 429;
      if (!passing) return outcome;
      if (attempt === ATTEMPTS) {
        throw new StoreError(
          outcome instanceof Error
            ? 'the object store cannot be reached'
            : `the object store answered ${outcome.status}`,
          outcome instanceof Error ? { cause: outcome } : undefined,
        );
      }
      if (!(outcome instanceof Error)) await outcome.body?.cancel();
      await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE_MS * 4 ** (attempt - 1)));
    }
  };
  const attemptOnce = async (
    method: string,
    url: string,
    body: Uint8Array<ArrayBuffer> | undefined,
  ): Promise<Response | Error> => {
    try {
      const signed = await client.sign(url, {
        method,
        // B2 and others check the body against it.
        ...(body === undefined
          ? {}
          : { body, headers: { 'x-amz-content-sha256': await digestOf(body) } }),
      });
      return await fetch(signed, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  };

  return {
    kind: 's3',
    async put(bytes) {
      const digest = await digestOf(bytes);
      const url = `${root}/${keyOf(digest)}`;
      const known = await send('HEAD', url);
      if (known.ok && Number(known.headers.get('content-length')) === bytes.length) return digest;
      if (!known.ok && known.status !== 404) refuse(known);
      const response = await send('PUT', url, Uint8Array.from(bytes));
      await response.body?.cancel();
      if (!response.ok) refuse(response);
      return digest;
    },
    async get(digest) {
      const response = await send('GET', `${root}/${keyOf(digest)}`);
      if (response.status === 404) {
        await response.body?.cancel();
        return undefined;
      }
      if (!response.ok) refuse(response);
      return verify(digest, new Uint8Array(await response.arrayBuffer()));
    },
    async remove(digest) {
      const response = await send('DELETE', `${root}/${keyOf(digest)}`);
      await response.body?.cancel();
      if (!response.ok && response.status !== 404) refuse(response);
    },
    async check() {
      const response = await send('HEAD', root);
      if (!response.ok) refuse(response);
    },
  };
}

function refuse(response: Response): never {
  throw new StoreError(`the object store answered ${response.status}`);
}
