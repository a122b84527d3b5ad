/** An object store in a bucket of any service with the S3 API, such as Backblaze B2. */
import { AwsClient } from 'aws4fetch';
import type { S3Settings } from '../config.ts';
import { readRefusal, toStoreError } from './s3-errors.ts';
import { digestOf, keyOf, StoreError, verify, type ObjectStore } from './store.ts';

/** Time limit of one attempt. */
const TIMEOUT_MS = 15_000;
const ATTEMPTS = 3;
const FIRST_PAUSE_MS = 100;
/** A key that no module has. */
const PROBE_KEY = 'trisiel-check';

export function openS3Store(settings: S3Settings): ObjectStore {
  const { endpoint, region, bucket, accessKeyId, secretAccessKey } = settings;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 });
  // Path-style addressing works with every server, and with bucket names that contain dots.
  const root = `${endpoint}/${encodeURIComponent(bucket)}`;

  const send = async (
    method: string,
    url: string,
    body?: Uint8Array<ArrayBuffer>,
  ): Promise<Response> => {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await attemptOnce(method, url, body);
      if (outcome instanceof Error) {
        if (attempt === ATTEMPTS) {
          throw new StoreError('the object store cannot be reached', { cause: outcome });
        }
      } else {
        if (outcome.status < 500 && outcome.status !== 429) return outcome;
        if (attempt === ATTEMPTS) await refuse(outcome);
        await outcome.body?.cancel();
      }
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
        // B2 and other servers verify the body against it.
        ...(body === undefined
          ? {}
          : { body, headers: { 'x-amz-content-sha256': await digestOf(body) } }),
      });
      return await fetch(signed, { signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'manual' });
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
      // Other statuses are ignored: without permission to list, AWS responds with 403 to missing objects, and responses to HEAD
      // contain no reason. The response to PUT shows whether the key can write.
      const response = await send('PUT', url, Uint8Array.from(bytes));
      if (!response.ok) await refuse(response);
      await response.body?.cancel();
      return digest;
    },
    async get(digest) {
      const response = await send('GET', `${root}/${keyOf(digest)}`);
      if (response.ok) return verify(digest, new Uint8Array(await response.arrayBuffer()));
      const refusal = await readRefusal(response);
      // A missing bucket is an error, a missing object is not.
      if (refusal.status === 404 && refusal.code !== 'NoSuchBucket') return undefined;
      throw toStoreError(refusal);
    },
    async remove(digest) {
      const response = await send('DELETE', `${root}/${keyOf(digest)}`);
      if (!response.ok && response.status !== 404) await refuse(response);
      await response.body?.cancel();
    },
    async check() {
      // GET, because responses to HEAD contain no error document. The key needs no permission to list: for a missing object,
      // AWS responds with 404 if it has that permission, otherwise with 403 (AccessDenied).
      const response = await send('GET', `${root}/${PROBE_KEY}`);
      if (response.ok) {
        await response.body?.cancel();
        return;
      }
      const refusal = await readRefusal(response);
      if (
        refusal.code === 'NoSuchKey' ||
        (refusal.status === 403 && refusal.code === 'AccessDenied')
      )
        return;
      throw toStoreError(refusal);
    },
  };
}

async function refuse(response: Response): Promise<never> {
  throw toStoreError(await readRefusal(response));
}
