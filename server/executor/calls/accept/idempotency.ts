/**
 * Resolves an Idempotency-Key to a call.
 *
 * A key is scoped to a handler and a sender, identified by Authorization and Cookie: a key of somebody else, guessed or
 * observed, never identifies their call. Within that scope, the same key with another request is refused, since the
 * response may depend on any header that the handler reads.
 */
import { createHash } from 'node:crypto';
import { invalidField } from '../../../problems/problems.ts';
import type { CallRequest } from '../../http/exchange.ts';

const KEY_CHARACTERS = 255;

/** Headers that identify the sender. */
const IDENTITY_HEADERS: readonly string[] = ['authorization', 'cookie'];

/**
 * Headers that may differ between two attempts to send the same request: framing, transport, and what clients, proxies
 * and tracing add to each message.
 */
const TRANSPORT_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'expect',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'cdn-loop',
  'cf-connecting-ip',
  'cf-ray',
  'forwarded',
  'max-forwards',
  'true-client-ip',
  'via',
  'x-client-ip',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-real-ip',
  'b3',
  'baggage',
  'sentry-trace',
  'traceparent',
  'tracestate',
  'uber-trace-id',
  'x-amz-cf-id',
  'x-amzn-trace-id',
  'x-b3-flags',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-spanid',
  'x-b3-traceid',
  'x-cloud-trace-context',
  'x-correlation-id',
  'x-datadog-parent-id',
  'x-datadog-sampling-priority',
  'x-datadog-trace-id',
  'x-request-id',
  'x-request-start',
]);

/**
 * The stored form of the key: a digest of `Idempotency-Key` and the sender's identity, so that neither is stored
 * itself. Null without a key. Throws an `invalid-request` problem for a key that is empty or too long.
 */
export function readKey(request: CallRequest): string | null {
  const given = request.headers['idempotency-key'];
  if (given === undefined) return null;
  const key = Array.isArray(given) ? given.join(',') : given;
  if (key.length < 1 || key.length > KEY_CHARACTERS) {
    throw invalidField(
      'header/Idempotency-Key',
      `${key.length} characters long`,
      `from 1 to ${KEY_CHARACTERS} characters long`,
    );
  }
  const identity = fieldsOf(request, (name) => IDENTITY_HEADERS.includes(name));
  return createHash('sha256')
    .update(JSON.stringify([key, identity]))
    .digest('hex');
}

/** Digest of everything a handler's response may depend on: method, path, headers and body. */
export function digestRequest(request: CallRequest, body: Uint8Array): Buffer {
  const { method = 'GET', url = '/' } = request;
  const fields = fieldsOf(
    request,
    (name) =>
      name !== 'idempotency-key' &&
      !IDENTITY_HEADERS.includes(name) &&
      !TRANSPORT_HEADERS.has(name),
  );
  return createHash('sha256')
    .update(`${JSON.stringify([method, url, fields])}\n`)
    .update(body)
    .digest();
}

/** Sorted by lower-case name: proxies may reorder names, but not the values of one name. */
function fieldsOf(
  { rawHeaders }: CallRequest,
  isIncluded: (name: string) => boolean,
): readonly (readonly [name: string, value: string])[] {
  const fields: (readonly [name: string, value: string])[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    if (isIncluded(name)) fields.push([name, rawHeaders[i + 1] ?? '']);
  }
  return fields.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
