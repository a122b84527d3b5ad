/** Parses URLs (the URL Standard, section 4.4). Drive letters of Windows have no meaning here. */
import { host } from '../host.ts';
import { parseHost } from './host-name.ts';
import { ENCODE_SETS, percentEncode } from './percent.ts';

export interface UrlRecord {
  scheme: string;
  username: string;
  password: string;
  /** Null if there is none, as in mailto:. */
  host: string | null;
  port: number | null;
  /** A text if the path is opaque. */
  path: string[] | string;
  query: string | null;
  fragment: string | null;
}

/** Schemes with a host, and their default ports. */
const SPECIAL: ReadonlyMap<string, number | null> = new Map([
  ['http', 80],
  ['https', 443],
  ['ws', 80],
  ['wss', 443],
  ['ftp', 21],
  ['file', null],
]);

export const isSpecial = ({ scheme }: Pick<UrlRecord, 'scheme'>): boolean => SPECIAL.has(scheme);

/** Returns undefined if the text is not a URL. */
export function parseUrl(text: string, base: UrlRecord | undefined): UrlRecord | undefined {
  return plainUrl(text) ?? parseAny(text, base);
}

/** Most URLs are written in serialized form, so only their parts have to be found. */
function plainUrl(text: string): UrlRecord | undefined {
  const parts = host().splitUrl(text);
  if (parts === undefined) return undefined;
  const [scheme, name, port, path, query] = parts;
  return {
    scheme,
    username: '',
    password: '',
    host: name,
    port: port === '' ? null : Number(port),
    path: path.slice(1).split('/'),
    query,
    fragment: null,
  };
}

function parseAny(text: string, base: UrlRecord | undefined): UrlRecord | undefined {
  // eslint-disable-next-line no-control-regex
  const trimmed = text.toWellFormed().replace(/^[\0-\x20]+|[\0-\x20]+$/g, '');
  const whole = /[\t\n\r]/.test(trimmed) ? trimmed.replaceAll(/[\t\n\r]/g, '') : trimmed;
  const hash = whole.indexOf('#');
  const input = hash < 0 ? whole : whole.slice(0, hash);
  const fragment = hash < 0 ? null : percentEncode(whole.slice(hash + 1), ENCODE_SETS.fragment);
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(input)?.[1];
  const url: UrlRecord = {
    scheme: scheme?.toLowerCase() ?? base?.scheme ?? '',
    username: '',
    password: '',
    host: null,
    port: null,
    path: [],
    query: null,
    fragment,
  };
  const rest = scheme === undefined ? input : input.slice(scheme.length + 1);
  if (scheme === undefined && base === undefined) return undefined;
  if (scheme === undefined && typeof base?.path === 'string') {
    return input === '' && hash >= 0 ? { ...base, fragment } : undefined;
  }
  if (isSpecial(url)) {
    const isRelative =
      base !== undefined &&
      base.scheme === url.scheme &&
      (scheme === undefined || !rest.startsWith('//'));
    if (url.scheme === 'file') return parseFile(url, rest, base);
    if (isRelative && !/^[/\\]{2}/.test(rest)) return resolve(url, rest, base);
    return afterAuthority(url, rest.replace(/^[/\\]*/, ''));
  }
  if (scheme === undefined && base !== undefined && !rest.startsWith('//')) {
    return resolve(url, rest, base);
  }
  if (rest.startsWith('//')) return afterAuthority(url, rest.slice(2));
  if (rest.startsWith('/')) return withPath(url, rest);
  return opaque(url, rest);
}

function parseFile(
  url: UrlRecord,
  rest: string,
  base: UrlRecord | undefined,
): UrlRecord | undefined {
  url.host = '';
  const inside = base?.scheme === 'file' ? base : undefined;
  if (!/^[/\\]{2}/.test(rest)) {
    return inside === undefined ? withPath(url, rest) : resolve(url, rest, inside);
  }
  const [host = ''] = /^[^/\\?]*/.exec(rest.slice(2)) ?? [];
  const parsed = host === '' ? '' : parseHost(host, true);
  if (parsed === undefined) return undefined;
  url.host = parsed === 'localhost' ? '' : parsed;
  return withPath(url, rest.slice(2 + host.length));
}

/** Parses the part after `scheme://`. */
function afterAuthority(url: UrlRecord, rest: string): UrlRecord | undefined {
  const [authority = ''] = (isSpecial(url) ? /^[^/\\?]*/ : /^[^/?]*/).exec(rest) ?? [];
  const at = authority.lastIndexOf('@');
  if (at >= 0) {
    const [name = '', ...secret] = authority.slice(0, at).split(':');
    url.username = percentEncode(name, ENCODE_SETS.userinfo);
    url.password = percentEncode(secret.join(':'), ENCODE_SETS.userinfo);
  }
  if (!setHostAndPort(url, authority.slice(at + 1))) return undefined;
  if (at >= 0 && url.host === '') return undefined;
  return withPath(url, rest.slice(authority.length));
}

/** Returns false, without a visible change, if the text is not `host:port`. */
export function setHostAndPort(url: UrlRecord, text: string): boolean {
  const [, name = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/s.exec(text) ?? [undefined, text];
  if (name === '' && (isSpecial(url) || port !== undefined)) return false;
  const host = name === '' ? '' : parseHost(name, isSpecial(url));
  if (host === undefined || (port !== undefined && !setPort(url, port))) return false;
  url.host = host;
  return true;
}

export function setPort(url: UrlRecord, text: string): boolean {
  if (!/^\d*$/.test(text) || Number(text) > 65_535) return false;
  const port = text === '' ? null : Number(text);
  url.port = port === SPECIAL.get(url.scheme) ? null : port;
  return true;
}

/** Parses a path and a query, relative to the base. */
function resolve(url: UrlRecord, rest: string, base: UrlRecord): UrlRecord {
  url.username = base.username;
  url.password = base.password;
  url.host = base.host;
  url.port = base.port;
  if (rest.startsWith('/') || (isSpecial(url) && rest.startsWith('\\'))) return withPath(url, rest);
  if (typeof base.path !== 'string') url.path = [...base.path];
  if (rest === '') url.query = base.query;
  else if (rest.startsWith('?')) setQuery(url, rest.slice(1));
  else {
    if (typeof url.path !== 'string') url.path.pop();
    return withPath(url, rest, typeof url.path === 'string' ? [] : url.path);
  }
  return url;
}

function withPath(url: UrlRecord, rest: string, before: string[] = []): UrlRecord {
  const mark = rest.indexOf('?');
  setPath(url, mark < 0 ? rest : rest.slice(0, mark), before);
  if (mark >= 0) setQuery(url, rest.slice(mark + 1));
  return url;
}

export function setQuery(url: UrlRecord, text: string): void {
  url.query = percentEncode(text, isSpecial(url) ? ENCODE_SETS.specialQuery : ENCODE_SETS.query);
}

const SINGLE_DOT = /^(?:\.|%2e)$/i;
const DOUBLE_DOT = /^(?:\.|%2e){2}$/i;

export function setPath(url: UrlRecord, text: string, before: string[] = []): void {
  const special = isSpecial(url);
  const path = before;
  url.path = path;
  if (text === '' && !special) return;
  const inside = (special ? /^[/\\]/ : /^\//).test(text) ? text.slice(1) : text;
  const segments = inside.split(special ? /[/\\]/ : '/');
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (DOUBLE_DOT.test(segment)) {
      path.pop();
      if (isLast) path.push('');
    } else if (SINGLE_DOT.test(segment)) {
      if (isLast) path.push('');
    } else path.push(percentEncode(segment, ENCODE_SETS.path));
  }
}

function opaque(url: UrlRecord, rest: string): UrlRecord {
  const mark = rest.indexOf('?');
  const path = mark < 0 ? rest : rest.slice(0, mark);
  const encoded = percentEncode(path, ENCODE_SETS.control);
  // A space before a query or a fragment would be lost when the URL is parsed again.
  const isOpen = mark >= 0 || url.fragment !== null;
  url.path = isOpen && encoded.endsWith(' ') ? `${encoded.slice(0, -1)}%20` : encoded;
  if (mark >= 0) setQuery(url, rest.slice(mark + 1));
  return url;
}

export function serializePath({ path }: UrlRecord): string {
  if (typeof path === 'string') return path;
  return path.length === 0 ? '' : `/${path.join('/')}`;
}

export function serializeUrl(url: UrlRecord): string {
  const { scheme, username, password, host, port, query, fragment } = url;
  let out = `${scheme}:`;
  if (host !== null) {
    const secret = password === '' ? '' : `:${password}`;
    const user = username === '' && secret === '' ? '' : `${username}${secret}@`;
    out += `//${user}${host}${port === null ? '' : `:${port}`}`;
  } else if (typeof url.path !== 'string' && url.path.length > 1 && url.path[0] === '') out += '/.';
  out += serializePath(url);
  if (query !== null) out += `?${query}`;
  return fragment === null ? out : `${out}#${fragment}`;
}
