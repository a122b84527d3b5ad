/** Converts the guest's HTTP/1.1 request to a Request, and a Response to the HTTP/1.1 head that the guest reads. */
import { CallError } from '../errors.ts';
import { isHopByHop, namesInConnection, type Field } from '../http1/fields.ts';
import type { RequestMessage } from '../http1/request.ts';
import { writeResponseHead } from '../http1/response.ts';
import { MAX_SHOWN_NAME, shorten } from '../shorten.ts';

/** Fields that fetch sets itself, or never sends. */
const WRITTEN_BY_FETCH = new Set(['host', 'content-length', 'expect']);
/** Methods that fetch rejects (Fetch standard, "forbidden method"). */
const FORBIDDEN_METHODS = new Set(['CONNECT', 'TRACE', 'TRACK']);
/** Codings that fetch decodes, so that Content-Length differs from the decoded body's length. */
const CODINGS = new Set(['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'compress', 'x-compress']);
/** Statuses whose responses never have a body (RFC 9110 section 6.4.1). */
const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * Returns the User-Agent: the guest's, then the runtime's, as a list of products (RFC 9110 section 10.1.5). Undefined
 * if the platform does not allow setting it: setting it would only cause a preflight request.
 */
function chooseUserAgent(guests: string | null, runtime: string | undefined): string | undefined {
  if (runtime === undefined) return undefined;
  return guests === null || guests === '' ? runtime : `${guests} ${runtime}`;
}

/**
 * Builds the Request for fetch. Omits hop-by-hop fields, those that Connection names, Host, Content-Length and Expect,
 * because fetch manages the connection. Throws InvalidArgument if fetch cannot send the request.
 */
export function buildRequest(
  message: RequestMessage,
  url: URL,
  userAgent: string | undefined,
  signal: AbortSignal,
): Request {
  const { method, body, fields } = message;
  const shownMethod = shorten(method, MAX_SHOWN_NAME);
  if (FORBIDDEN_METHODS.has(method.toUpperCase())) {
    throw new CallError('InvalidArgument', `The method ${shownMethod} cannot be sent. Use another`);
  }
  const bodiless = /^(?:get|head)$/i.test(method);
  if (bodiless && body.length > 0) {
    throw new CallError(
      'InvalidArgument',
      `A ${shownMethod} request cannot have a body. Use POST, or omit the body`,
    );
  }
  const connection = fields.filter(({ name }) => name.toLowerCase() === 'connection');
  const named = namesInConnection(connection.map(({ value }) => value));
  const headers = new Headers();
  for (const { name, value } of fields) {
    const lower = name.toLowerCase();
    if (isHopByHop(lower) || named.has(lower) || WRITTEN_BY_FETCH.has(lower)) continue;
    headers.append(name, value);
  }
  const agent = chooseUserAgent(headers.get('user-agent'), userAgent);
  if (agent === undefined) headers.delete('user-agent');
  else headers.set('user-agent', agent);
  try {
    return new Request(url, {
      method,
      headers,
      body: bodiless || body.length === 0 ? null : body,
      redirect: 'manual',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      signal,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown reason';
    throw new CallError('InvalidArgument', `The request cannot be sent: ${reason}`);
  }
}

/** Whether the response to `method` has a body to read. */
export function hasBody(method: string, status: number): boolean {
  return method.toUpperCase() !== 'HEAD' && !WITHOUT_BODY.has(status);
}

/**
 * Builds the response head that the guest reads. The body ends with the connection, so `Connection: close` replaces
 * hop-by-hop fields. fetch has decoded the body, so Content-Encoding is removed, and Content-Length is kept only if it
 * is certain (no coding, and no cross-origin rule that could hide one).
 */
export function buildResponseHead(method: string, response: Response): Uint8Array<ArrayBuffer> {
  const { headers, status } = response;
  const named = namesInConnection([headers.get('connection') ?? '']);
  const codings = (headers.get('content-encoding') ?? '').split(',').map((each) => each.trim());
  const decoded =
    hasBody(method, status) && codings.some((each) => CODINGS.has(each.toLowerCase()));
  const lengthKnown = !hasBody(method, status) || (!decoded && response.type !== 'cors');
  const fields: Field[] = [];
  for (const [name, value] of headers) {
    if (isHopByHop(name) || named.has(name)) continue;
    if (name === 'content-encoding' && decoded) continue;
    if (name === 'content-length' && !lengthKnown) continue;
    fields.push({ name, value });
  }
  fields.push({ name: 'connection', value: 'close' });
  return writeResponseHead(status, response.statusText.replace(/[^\t\x20-\x7e]/g, '?'), fields);
}
