/** Reads the URL, caller address and headers of a request. */
import { headerPairs } from '../../../olin/platform/node-http.ts';
import { ProblemError } from '../../problems/problems.ts';
import { byHost, MAX_HOST_CHARACTERS } from './by-host.ts';
import type { CallRequest } from './exchange.ts';
import { withoutSession } from './session-cookie.ts';
import type { Target } from './target.ts';

/** Text that the URL class normalizes to a path segment such as `..`, or to a slash. */
const STEPS = /\\|\/(?:\.|%2e)/i;

/** The request's URL as sent, with the scheme fixed to http. Its path stays below the handler's. */
export function urlOf(request: CallRequest, { scriptName }: Pick<Target, 'scriptName'>): string {
  const { host } = request.headers;
  const { url: path = '/' } = request;
  if (host !== undefined && isHost(host) && path.startsWith('/')) {
    const text = `http://${host}${path}`;
    // Without these, every path makes a valid URL.
    if (!STEPS.test(path)) return text;
    if (URL.parse(text)?.pathname.concat('/').startsWith(`${scriptName}/`) === true) return text;
  }
  throw new ProblemError(
    'unreadable-address',
    'The Host header and the path do not form a URL below the handler’s address. Check the address.',
  );
}

/** Whether a host is valid in a URL. */
const isHost = byHost(
  (host) =>
    host.length <= MAX_HOST_CHARACTERS &&
    /^[\w.:[\]-]+$/.test(host) &&
    URL.canParse(`http://${host}/`),
);

export function addressOf(request: CallRequest, trustProxy: boolean): string {
  if (request.remoteAddress !== undefined) return request.remoteAddress;
  const forwarded = trustProxy ? request.headers['x-forwarded-for'] : undefined;
  // The trusted proxy added the last address; the caller may have sent the others.
  const last = Array.isArray(forwarded) ? forwarded.at(-1) : forwarded;
  const named = last?.split(',').at(-1)?.trim();
  return named ?? request.socket.remoteAddress ?? '127.0.0.1';
}

/** The headers as received, repeats included, without the session cookie of the web origin. */
export function headersOf(rawHeaders: readonly string[]): Generator<[name: string, value: string]> {
  return headerPairs(rawHeaders, withoutSessionCookie);
}

function withoutSessionCookie(name: string, value: string): string | undefined {
  return name.toLowerCase() === 'cookie' ? withoutSession(value) : value;
}
