/** Parses the parts of a request URL that CGI needs, with the same results as the URL class. */

export interface RequestUrl {
  readonly origin: UrlOrigin;
  /** Starts with a slash; not decoded. */
  readonly pathname: string;
  /** Including the question mark; empty if there is no query. */
  readonly search: string;
}

export interface UrlOrigin {
  readonly isSecure: boolean;
  readonly hostname: string;
  /** The default port if the URL has none. */
  readonly port: string;
  /** Including the port unless it is the default one. */
  readonly host: string;
}

/** A path and query that the URL class leaves unchanged, except for dot segments. */
const PLAIN = /^\/[!$%&()*+,\-./0-9:;=@A-Z[\]_a-z|~]*(?:\?[!$%&()*+,\-./0-9:;=?@A-Z[\]_a-z|~]*)?$/;
/** A possible dot segment. */
const DOTS = /\/(?:\.|%2e)/i;

/** Scheme and authority, without characters that could end them before the first slash. */
const ORIGIN = /^https?:\/\/[\w.:[\]-]+$/;
/** A server has few names, but callers can send any Host header. */
const MAX_ORIGINS = 256;
const origins = new Map<string, UrlOrigin>();

/** Parses an absolute URL. Throws a TypeError if it is invalid. */
export function parseRequestUrl(text: string): RequestUrl {
  const pathAt = text.indexOf('/', text.indexOf('//') + 2);
  if (pathAt > 0) {
    const rest = text.slice(pathAt);
    const origin = origins.get(text.slice(0, pathAt));
    if (origin !== undefined && PLAIN.test(rest)) {
      const queryAt = rest.indexOf('?');
      const pathname = queryAt === -1 ? rest : rest.slice(0, queryAt);
      const search = queryAt === -1 || queryAt === rest.length - 1 ? '' : rest.slice(queryAt);
      if (!DOTS.test(pathname)) return { origin, pathname, search };
    }
  }
  const url = new URL(text);
  const origin = originOf(url);
  const key = text.slice(0, Math.max(0, pathAt));
  if (ORIGIN.test(key)) {
    if (origins.size >= MAX_ORIGINS) origins.clear();
    origins.set(key, origin);
  }
  return { origin, pathname: url.pathname, search: url.search };
}

function originOf({ protocol, hostname, port, host }: URL): UrlOrigin {
  const isSecure = protocol === 'https:';
  const otherwise = isSecure ? '443' : protocol === 'http:' ? '80' : '';
  return { isSecure, hostname, port: port === '' ? otherwise : port, host };
}
