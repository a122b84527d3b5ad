/** What HTTP says of a request beside its method and path: preflights, and the wish not to wait. */
import type { CallReply, CallRequest } from './exchange.ts';

/** A browser's question whether a page of another origin may send a request. */
export function isPreflight(request: CallRequest): boolean {
  return (
    request.method === 'OPTIONS' &&
    request.headers.origin !== undefined &&
    request.headers['access-control-request-method'] !== undefined
  );
}

/** Yes, for a handler whose token decides. The answer itself is readable only where the guest says so. */
export function sendPreflight(request: CallRequest, response: CallReply): void {
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
 * Lets a page of the web origin read any reply: the panel tries handlers from there, as curl would. The guest's own word
 * on who may read takes the place of this one.
 */
export function allowReading(origin: string, response: CallReply): void {
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', '*');
  response.setHeader('Vary', 'Origin');
}

/** Quoted strings, which may hold commas and semicolons, and all between commas (RFC 9110 section 5.6.1). */
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
