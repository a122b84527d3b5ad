/** HTTP conventions beyond method and path: CORS preflights and `Prefer: respond-async`. */
import type { CallResponse, CallRequest } from './exchange.ts';

/** Whether a request is a CORS preflight. */
export function isPreflight(request: CallRequest): boolean {
  return (
    request.method === 'OPTIONS' &&
    request.headers.origin !== undefined &&
    request.headers['access-control-request-method'] !== undefined
  );
}

/** Allows the request: access is decided by the token. The response itself is readable only if the guest allows it. */
export function sendPreflight(request: CallRequest, response: CallResponse): void {
  const wanted = request.headers['access-control-request-headers'];
  response.writeHead(204, undefined, [
    ...['Access-Control-Allow-Origin', request.headers.origin ?? '*'],
    ...['Access-Control-Allow-Methods', request.headers['access-control-request-method'] ?? '*'],
    ...(wanted === undefined ? [] : ['Access-Control-Allow-Headers', wanted]),
    ...['Access-Control-Max-Age', '600'],
    ...['Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers'],
  ]);
  response.end('', 'utf8');
}

/**
 * Lets pages of the web origin read any response: the panel calls handlers from there. A guest's own CORS headers
 * replace these.
 */
export function allowReading(origin: string, response: CallResponse): void {
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', '*');
  response.setHeader('Vary', 'Origin');
}

/** Members of a comma-separated list (RFC 9110 section 5.6.1); quoted strings may contain commas and semicolons. */
const LIST_MEMBER = /(?:"(?:[^"\\]|\\.)*"?|[^",])+/g;

/**
 * Whether a `Prefer` header names a preference (RFC 7240 section 2). Names are case-insensitive; a value and parameters
 * are allowed and ignored.
 * @param name in lower case
 */
function hasPreference(header: string, name: string): boolean {
  return Array.from(header.matchAll(LIST_MEMBER)).some(
    ([member]) => /^[^;=]*/.exec(member)?.[0].trim().toLowerCase() === name,
  );
}

/** `Prefer: respond-async` (RFC 7240 section 4.1). */
export function prefersAsync(request: CallRequest): boolean {
  const { prefer } = request.headers;
  if (prefer === undefined) return false;
  return hasPreference(Array.isArray(prefer) ? prefer.join(',') : prefer, 'respond-async');
}
