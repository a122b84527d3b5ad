/**
 * Derives the environment variables of a CGI program from an HTTP request: RFC 3875 section 4.1, "meta-variables".
 *
 * | variable | contents |
 * | --- | --- |
 * | REQUEST_METHOD | the method |
 * | REQUEST_URI | path and query as in the URL, not decoded |
 * | SCRIPT_NAME | the path that names the handler, decoded; often empty |
 * | PATH_INFO | the rest of the path, decoded (see below) |
 * | QUERY_STRING | the text after `?`, not decoded; always set, empty if there is none |
 * | CONTENT_TYPE | the Content-Type header, if present |
 * | CONTENT_LENGTH | the length of the body in bytes, if it is known; not set for a chunked body, so read standard input to its end |
 * | SERVER_NAME, SERVER_PORT, SERVER_PROTOCOL | host and port of the URL, and `HTTP/1.1` |
 * | SERVER_SOFTWARE | `Olin/` and the version |
 * | GATEWAY_INTERFACE | `CGI/1.1` |
 * | REMOTE_ADDR, REMOTE_HOST | the caller's address in both; names are not looked up |
 * | HTTPS | `on` if the URL is https |
 * | HTTP_* | the request's headers: upper case, dashes as underscores |
 * | RUN_ID, WORKER_ID, HANDLER_ID | identifiers of the run; default `local` |
 *
 * AUTH_TYPE, REMOTE_USER, REMOTE_IDENT and PATH_TRANSLATED are not set: Olin does not authenticate callers and has no
 * files.
 *
 * In PATH_INFO, escapes are decoded as UTF-8, with three exceptions: `%2F` (it would split a segment), `%00` (C would
 * end the text there), and invalid escapes or UTF-8. REQUEST_URI has all escapes unchanged.
 *
 * Headers that are not passed: Proxy (HTTP_PROXY would be taken for the address of a proxy); names with an underscore
 * (they could impersonate names with a dash); Content-Type and Content-Length, which have their own variables;
 * hop-by-hop headers (Connection and those it names, Keep-Alive, TE, Trailer, Transfer-Encoding, Upgrade, Proxy-*); and
 * Authorization, unless `passAuthorization` is set (RFC 3875 sections 4.1.18 and 9.7). Several headers of one name are
 * joined by `, ` (Cookie by `; `). Values keep their original bytes.
 */
import { isHopByHop, isToken, namesInConnection } from '../http1/fields.ts';
import type { Environment } from '../types.ts';
import { VERSION } from '../version.ts';
import { parseRequestUrl, type RequestUrl } from './request-url.ts';

export interface EnvironmentOptions {
  /** A prefix of the URL's path, not decoded, without a trailing slash. Default empty. */
  readonly scriptName?: string;
  /** Default 127.0.0.1. */
  readonly remoteAddress?: string;
  readonly runId?: string;
  readonly workerId?: string;
  readonly handlerId?: string;
  /** The request's headers as received, instead of `request.headers` (a browser's Request drops some). */
  readonly headers?: Iterable<readonly [string, string]>;
  /** Passes the Authorization header to the guest. Default false. */
  readonly passAuthorization?: boolean;
  /** Length of the body, if known; takes precedence over the Content-Length header. */
  readonly contentLength?: number | undefined;
}

/** The part of a request that is used: a web Request, or a server's own type. */
export interface CgiRequest {
  readonly method: string;
  /** Absolute URL. */
  readonly url: string;
  readonly headers: Iterable<readonly [string, string]>;
  /** Null if there is no body; only this is checked. */
  readonly body: unknown;
}

/** Headers that never become HTTP_*. */
const NEVER = new Set(['proxy', 'content-type', 'content-length']);

/** What variables are derived from. */
interface VariableSource {
  readonly request: CgiRequest;
  readonly options: EnvironmentOptions;
  readonly url: RequestUrl;
  /** The path after the script name, not decoded. */
  readonly rest: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
}

const remoteAddress = ({ options }: VariableSource): string => options.remoteAddress ?? '127.0.0.1';

/** All variables except HTTP_*. */
const VARIABLES: ReadonlyMap<string, (source: VariableSource) => string | undefined> = new Map([
  ['REQUEST_METHOD', ({ request }: VariableSource) => request.method],
  ['REQUEST_URI', ({ url }) => url.pathname + url.search],
  ['SCRIPT_NAME', ({ options }) => decodePath(options.scriptName ?? '')],
  ['PATH_INFO', ({ rest }) => decodePath(rest)],
  ['QUERY_STRING', ({ url }) => url.search.slice(1)],
  ['SERVER_NAME', ({ url }) => url.origin.hostname],
  ['SERVER_PORT', ({ url }) => url.origin.port],
  ['SERVER_PROTOCOL', () => 'HTTP/1.1'],
  ['SERVER_SOFTWARE', () => `Olin/${VERSION}`],
  ['GATEWAY_INTERFACE', () => 'CGI/1.1'],
  ['REMOTE_ADDR', remoteAddress],
  ['REMOTE_HOST', remoteAddress],
  ['RUN_ID', ({ options }) => options.runId ?? 'local'],
  ['WORKER_ID', ({ options }) => options.workerId ?? 'local'],
  ['HANDLER_ID', ({ options }) => options.handlerId ?? 'local'],
  ['HTTPS', ({ url }) => (url.origin.isSecure ? 'on' : undefined)],
  ['CONTENT_TYPE', ({ headers }) => headers.get('content-type')],
  ['CONTENT_LENGTH', chooseLength],
]);

/** The variables of one request, computed on demand because a guest usually reads only a few. */
export class CgiEnvironment implements Environment {
  readonly request: CgiRequest;
  readonly options: EnvironmentOptions;
  readonly url: RequestUrl;
  readonly rest: string;
  #headers: ReadonlyMap<string, string> | undefined;
  #http: ReadonlyMap<string, string> | undefined;

  /** Throws a TypeError if `scriptName` is not a prefix of the path. */
  constructor(request: CgiRequest, options: EnvironmentOptions) {
    this.request = request;
    this.options = options;
    this.url = parseRequestUrl(request.url);
    this.rest = pathAfter(this.url.pathname, options.scriptName ?? '');
  }

  get headers(): ReadonlyMap<string, string> {
    this.#headers ??= joinHeaders(this.options.headers ?? this.request.headers);
    return this.#headers;
  }

  /** Returns undefined if the variable is not set. */
  get(name: string): string | undefined {
    const variable = VARIABLES.get(name);
    if (variable !== undefined) return variable(this);
    return name.startsWith('HTTP_') ? this.#headerVariables.get(name) : undefined;
  }

  /** Returns the names of the variables that are set. */
  names(): string[] {
    const own = Array.from(VARIABLES.keys()).filter((name) => this.get(name) !== undefined);
    return [...own, ...this.#headerVariables.keys()];
  }

  get #headerVariables(): ReadonlyMap<string, string> {
    this.#http ??= nameHeaders(
      this.headers,
      this.options.passAuthorization === true,
      this.url.origin.host,
    );
    return this.#http;
  }
}

/** Returns the HTTP_* variables. Browsers hide the Host header; `host` is used instead. */
function nameHeaders(
  headers: ReadonlyMap<string, string>,
  passAuthorization: boolean,
  host: string,
): Map<string, string> {
  const variables = new Map<string, string>();
  const named = namesInConnection([headers.get('connection') ?? '']);
  for (const [name, value] of headers) {
    if (NEVER.has(name) || isHopByHop(name) || named.has(name)) continue;
    if (name === 'authorization' && !passAuthorization) continue;
    if (!isToken(name) || name.includes('_')) continue;
    variables.set(`HTTP_${name.toUpperCase().replaceAll('-', '_')}`, value);
  }
  if (!variables.has('HTTP_HOST')) variables.set('HTTP_HOST', host);
  return variables;
}

/** Returns the Content-Length header if there is a body and nothing contradicts the header. */
function chooseLength({ request, options, headers }: VariableSource): string | undefined {
  if (options.contentLength !== undefined) return String(options.contentLength);
  const length = headers.get('content-length');
  if (length === undefined || request.body === null || headers.has('transfer-encoding')) {
    return undefined;
  }
  return /^\d{1,15}$/.test(length) ? length : undefined;
}

/** Returns headers by lower-case name, with several of one name joined. */
function joinHeaders(headers: Iterable<readonly [string, string]>): Map<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const before = joined.get(lower);
    const text = bytesAsSent(value);
    const separator = lower === 'cookie' ? '; ' : ', ';
    joined.set(lower, before === undefined ? text : before + separator + text);
  }
  return joined;
}

/** Header values have one character per byte. Decodes UTF-8, if valid, so that the guest gets the original bytes. */
function bytesAsSent(value: string): string {
  if (!/^[\t\x20-\xff]*[\x80-\xff][\t\x20-\xff]*$/.test(value)) return value;
  const bytes = Uint8Array.from(value, (character) => character.charCodeAt(0));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return value;
  }
}

function pathAfter(path: string, prefix: string): string {
  const rest = path.slice(prefix.length);
  if (!path.startsWith(prefix) || (rest !== '' && !rest.startsWith('/'))) {
    throw new TypeError(`the script name ${prefix} is not a prefix of the path ${path}`);
  }
  return rest;
}

/** Decodes each sequence of escapes separately, so that an invalid escape affects only its own sequence. */
function decodePath(path: string): string {
  if (!path.includes('%')) return path;
  return path.replace(/(?:%(?!2f|00)[0-9a-f]{2})+/gi, (escapes) => {
    try {
      return decodeURIComponent(escapes);
    } catch {
      return escapes;
    }
  });
}
