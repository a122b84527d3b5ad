/** The parts of a request's URL that CGI tells, as the URL class gives them. */

export interface RequestUrl {
  readonly origin: UrlOrigin;
  /** Begins with a slash; percent signs and all. */
  readonly pathname: string;
  /** With its question mark; empty where it is alone, or there is none. */
  readonly search: string;
}

export interface UrlOrigin {
  readonly isSecure: boolean;
  readonly hostname: string;
  /** The default one where the URL has none. */
  readonly port: string;
  /** With the port, where it is not the default one. */
  readonly host: string;
}

/** A path and a query that the URL class would leave as they are, dots at the beginning of a segment aside. */
const PLAIN = /^\/[!$%&()*+,\-./0-9:;=@A-Z[\]_a-z|~]*(?:\?[!$%&()*+,\-./0-9:;=?@A-Z[\]_a-z|~]*)?$/;
/** What may be a segment of one dot or two. */
const DOTS = /\/(?:\.|%2e)/i;

/** Scheme and authority, with nothing that ends them sooner than the first slash. */
const ORIGIN = /^https?:\/\/[\w.:[\]-]+$/;
/** A server has few names, but whoever calls it may send any. */
const MAX_ORIGINS = 256;
const origins = new Map<string, UrlOrigin>();

/** Takes a whole URL apart. Throws a TypeError where it is none. */
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
