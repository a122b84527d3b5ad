/** What an S3 server says when it refuses: the code and the request's id for the log, and a sentence on what to do. */
import { StoreError } from './store.ts';

/** Bytes of an error document that are read: a real one has a few hundred. */
const MAX_BYTES = 16 * 1024;
/** Characters of one field, which an operator reads. */
const MAX_CHARACTERS = 300;

/** What an operator does about it, by the code of the error document. */
const REMEDIES: Readonly<Record<string, string>> = {
  RequestTimeTooSkewed:
    'the clock of this machine is off by more than the object store allows; set it by NTP',
  RequestExpired: 'the clock of this machine is behind; set it by NTP',
  AuthorizationHeaderMalformed:
    'S3_REGION is another region than that of the bucket; set it to the one beside the bucket',
  PermanentRedirect:
    'the bucket is at another endpoint or in another region; set S3_ENDPOINT and S3_REGION to those beside the bucket',
  IllegalLocationConstraintException:
    'S3_REGION is another region than that of the bucket; set it to the one beside the bucket',
  NoSuchBucket: 'there is no bucket of the name in S3_BUCKET at this endpoint',
  InvalidBucketName: 'S3_BUCKET is no name of a bucket',
  InvalidAccessKeyId: 'S3_ACCESS_KEY_ID is unknown to the object store',
  SignatureDoesNotMatch: 'S3_SECRET_ACCESS_KEY does not belong to S3_ACCESS_KEY_ID',
  AccessDenied:
    'the key may not do this; it needs the rights to get, put and delete the objects of the bucket',
};

export interface S3Refusal {
  readonly status: number;
  /** Undefined if there is no document, as in the answer to a HEAD. */
  readonly code: string | undefined;
  readonly requestId: string | undefined;
  /** The region of the bucket, if the server says so. */
  readonly region: string | undefined;
}

/** Reads the answer to its end, or gives it up. */
export async function readRefusal(response: Response): Promise<S3Refusal> {
  const text = await readStart(response);
  const { headers, status } = response;
  return {
    status,
    code: elementOf(text, 'Code'),
    requestId: shorten(headers.get('x-amz-request-id')) ?? elementOf(text, 'RequestId'),
    region: shorten(headers.get('x-amz-bucket-region')) ?? elementOf(text, 'Region'),
  };
}

/** With a sentence for the operator. Callers of the API are told that the store cannot be reached, and no more. */
export function toStoreError(refusal: S3Refusal): StoreError {
  const { status, code, requestId, region } = refusal;
  const known = [
    ...(code === undefined ? [] : [code]),
    ...(requestId === undefined ? [] : [`request ${requestId}`]),
    ...(region === undefined ? [] : [`the region of the bucket is ${region}`]),
  ];
  const remedy = code === undefined ? undefined : REMEDIES[code];
  return new StoreError(
    `the object store answered ${status}${known.length === 0 ? '' : ` (${known.join(', ')})`}${
      remedy === undefined ? '' : `: ${remedy}`
    }`,
  );
}

async function readStart(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= MAX_BYTES) break;
    }
  } catch {
    // What came before it broke off may name the reason.
  }
  return Buffer.concat(chunks).subarray(0, MAX_BYTES).toString('utf8');
}

/** The document is flat: no parser is needed for three of its elements. */
function elementOf(text: string, name: string): string | undefined {
  return shorten(new RegExp(`<${name}>([^<]{1,${MAX_CHARACTERS}})</${name}>`).exec(text)?.[1]);
}

/** As it may stand in a log. */
function shorten(text: string | null | undefined): string | undefined {
  const clean = text?.replaceAll(/[^\x20-\x7e]/g, '').slice(0, MAX_CHARACTERS);
  return clean === undefined || clean === '' ? undefined : clean;
}
