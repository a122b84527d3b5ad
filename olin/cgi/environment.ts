/**
 * From an HTTP request to the environment variables of a CGI program: RFC 3875 section 4.1, the "meta-variables".
 *
 * | variable | what it holds |
 * | --- | --- |
 * | REQUEST_METHOD | the method |
 * | REQUEST_URI | path and query as they stand in the URL, percent signs and all |
 * | SCRIPT_NAME | the path that names the handler, decoded; often empty |
 * | PATH_INFO | the rest of the path, decoded (see below) |
 * | QUERY_STRING | what follows the `?`, not decoded; always set, empty where there is none |
 * | CONTENT_TYPE | the Content-Type header, where there is one |
 * | CONTENT_LENGTH | the bytes of the body, where there is a body and its length is known; a body sent in chunks has none, so read standard input to its end |
 * | SERVER_NAME, SERVER_PORT, SERVER_PROTOCOL | host and port of the URL, and `HTTP/1.1` |
 * | SERVER_SOFTWARE | `Olin/` and the version |
 * | GATEWAY_INTERFACE | `CGI/1.1` |
 * | REMOTE_ADDR, REMOTE_HOST | the caller's address, both times: names are not looked up |
 * | HTTPS | `on`, where the URL is https |
 * | HTTP_* | the request's headers: upper case, dashes as underscores |
 * | RUN_ID, WORKER_ID, HANDLER_ID | who runs what; `local` where nobody says |
 *
 * AUTH_TYPE, REMOTE_USER, REMOTE_IDENT and PATH_TRANSLATED are not set: Olin authenticates nobody and has no files.
 *
 * In PATH_INFO an escape is decoded as UTF-8, save three kinds that stay as written: `%2F` (the segment would fall
 * in two), `%00` (C would end the text there), and what is no UTF-8 or no escape at all. REQUEST_URI has them raw.
 *
 * Headers that become no variable: Proxy (it would be HTTP_PROXY, which programs take for their proxy's address);
 * names with an underscore (they would pass for those with a dash); Content-Type and Content-Length, which have their
 * own; those about the connection (Connection and what it names, Keep-Alive, TE, Trailer, Transfer-Encoding, Upgrade,
 * Proxy-*); and Authorization unless `passAuthorization` says so (RFC 3875 sections 4.1.18 and 9.7). Several headers
 * of one name are joined by `, ` (Cookie by `; `). A value's bytes reach the guest as they were sent.
 */
import { isHopByHop, isToken, namesInConnection } from '../http1/fields.ts';
import type { Environment } from '../types.ts';
import { VERSION } from '../version.ts';
import { parseRequestUrl, type RequestUrl } from './request-url.ts';

export interface EnvironmentOptions {
  /** A prefix of the URL's path, written as it stands there, without a slash at its end; default empty. */
  readonly scriptName?: string;
  /** Default 127.0.0.1. */
  readonly remoteAddress?: string;
  readonly runId?: string;
  readonly workerId?: string;
  readonly handlerId?: string;
  /** The request's headers as they were received, in place of `request.headers` (a browser's Request drops some). */
  readonly headers?: Iterable<readonly [string, string]>;
  /** Gives the guest the Authorization header; default false. */
  readonly passAuthorization?: boolean;
  /** Bytes of the body, where the caller knows better than the Content-Length header. */
  readonly contentLength?: number | undefined;
}

/** What is read of a request: a web Request has it, and so has a server's own. */
export interface CgiRequest {
  readonly method: string;
  /** Whole. */
  readonly url: string;
  readonly headers: Iterable<readonly [string, string]>;
  /** Null: it has none. Only that is asked. */
  readonly body: unknown;
}

/** Headers that never become HTTP_*. */
const NEVER = new Set(['proxy', 'content-type', 'content-length']);

/** What is asked to make a variable. */
interface Asked {
  readonly request: CgiRequest;
  readonly options: EnvironmentOptions;
  readonly url: RequestUrl;
  /** The path after the script's name, as it was written. */
  readonly rest: string;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

const remoteAddress = ({ options }: Asked): string => options.remoteAddress ?? '127.0.0.1';

/** All but HTTP_*. */
const VARIABLES: ReadonlyMap<string, (asked: Asked) => string | undefined> = new Map([
  ['REQUEST_METHOD', ({ request }: Asked) => request.method],
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

/** The variables of one request. A guest asks for a few of them: each is made when it is asked for. */
export class CgiEnvironment implements Environment {
  readonly request: CgiRequest;
  readonly options: EnvironmentOptions;
  readonly url: RequestUrl;
  readonly rest: string;
  #headers: ReadonlyMap<string, string> | undefined;
  #http: ReadonlyMap<string, string> | undefined;

  /** Throws a TypeError where `scriptName` is no prefix of the path. */
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

  /** Undefined for what is not set. */
  get(name: string): string | undefined {
    const variable = VARIABLES.get(name);
    if (variable !== undefined) return variable(this);
    return name.startsWith('HTTP_') ? this.#headerVariables.get(name) : undefined;
  }

  /** The names of those that are set. */
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

/** HTTP_* by name. Browsers keep the host from programs, but every request has one: it is `host` then. */
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

/** The Content-Length header, where the body is there and nothing contradicts it. */
function chooseLength({ request, options, headers }: Asked): string | undefined {
  if (options.contentLength !== undefined) return String(options.contentLength);
  const length = headers.get('content-length');
  if (length === undefined || request.body === null || headers.has('transfer-encoding')) {
    return undefined;
  }
  return /^\d{1,15}$/.test(length) ? length : undefined;
}

/** By name in lower case, several of one name joined. */
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

/** Headers come as one character a byte; the guest gets text as UTF-8. Where the bytes were UTF-8, it gets those bytes. */
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
    throw new TypeError(`the script name ${prefix} is no prefix of the path ${path}`);
  }
  return rest;
}

/** Decodes escapes run by run, so that one bad escape spoils only its own run. */
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
