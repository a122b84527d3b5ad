/** Error responses of S3 servers: code and request ID for the log, and a sentence on what to do. */
import { StoreError } from './store.ts';

/** Maximum bytes read of an error document. Real ones have a few hundred. */
const MAX_BYTES = 16 * 1024;
/** Maximum characters of one field in the log. */
const MAX_CHARACTERS = 300;

/** What the operator can do, by the code of the error document. */
const REMEDIES: Readonly<Record<string, string>> = {
  RequestTimeTooSkewed:
    'the clock of this machine is off by more than the object store allows; synchronize it with NTP',
  RequestExpired: 'the clock of this machine is behind; synchronize it with NTP',
  AuthorizationHeaderMalformed:
    'S3_REGION is not the region of the bucket; set it to the region of the bucket',
  PermanentRedirect:
    'the bucket has another endpoint or region; set S3_ENDPOINT and S3_REGION to those of the bucket',
  IllegalLocationConstraintException:
    'S3_REGION is not the region of the bucket; set it to the region of the bucket',
  NoSuchBucket: 'there is no bucket named S3_BUCKET at this endpoint',
  InvalidBucketName: 'S3_BUCKET is not a valid bucket name',
  InvalidAccessKeyId: 'S3_ACCESS_KEY_ID is unknown to the object store',
  SignatureDoesNotMatch: 'S3_SECRET_ACCESS_KEY does not belong to S3_ACCESS_KEY_ID',
  AccessDenied:
    'the key is not allowed to do this; it needs permission to get, put and delete objects of the bucket',
};

export interface S3Refusal {
  readonly status: number;
  /** Undefined without an error document, as in responses to HEAD. */
  readonly code: string | undefined;
  readonly requestId: string | undefined;
  /** The region of the bucket, if the server reports it. */
  readonly region: string | undefined;
}

/** Reads the details of an error response. */
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

/** An error with a message for the operator. Callers of the API only learn that the store cannot be reached. */
export function toStoreError(refusal: S3Refusal): StoreError {
  const { status, code, requestId, region } = refusal;
  const known = [
    ...(code === undefined ? [] : [code]),
    ...(requestId === undefined ? [] : [`request ${requestId}`]),
    ...(region === undefined ? [] : [`the region of the bucket is ${region}`]),
  ];
  const remedy = code === undefined ? undefined : REMEDIES[code];
  return new StoreError(
    `the object store responded with ${status}${known.length === 0 ? '' : ` (${known.join(', ')})`}${
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
    // The response is incomplete. Its beginning may still contain the reason.
  }
  return Buffer.concat(chunks).subarray(0, MAX_BYTES).toString('utf8');
}

/** Extracts an element. The document is flat, so no XML parser is needed. */
function elementOf(text: string, name: string): string | undefined {
  return shorten(new RegExp(`<${name}>([^<]{1,${MAX_CHARACTERS}})</${name}>`).exec(text)?.[1]);
}

/** Sanitizes and shortens a text for the log. */
function shorten(text: string | null | undefined): string | undefined {
  const clean = text?.replaceAll(/[^\x20-\x7e]/g, '').slice(0, MAX_CHARACTERS);
  return clean === undefined || clean === '' ? undefined : clean;
}
