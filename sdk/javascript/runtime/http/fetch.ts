/** Implements fetch with resources: writes a request to the opened URL, and reads the response from it. */
import { encodeText, joinBytes } from '../bytes.ts';
import { host } from '../host.ts';
import { URL } from '../url/url.ts';
import { readAll } from './body.ts';
import { Headers } from './headers.ts';
import { Request, type RequestInit } from './request.ts';
import { Received, Response } from './response.ts';
import { ByteSource } from './source.ts';

const PIECE_BYTES = 16_384;
const MAX_HEAD_BYTES = 65_536;
const MAX_REDIRECTS = 20;
/** The runtime's code for the end of a resource. */
const END_OF_FILE = -5;
/** Headers that the connection sets. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'transfer-encoding',
]);
/** Credentials, which are not sent on after a redirect to another origin. */
const CREDENTIALS: readonly string[] = [
  'authorization',
  'cookie',
  'cookie2',
  'proxy-authorization',
];
/** Fetch's request-body-header names, which go with the body. */
const BODY_HEADERS: readonly string[] = [
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
];

/** Waits for the head of the response; no other code of the handler runs meanwhile. */
export async function fetch(input: unknown, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  request.signal.throwIfAborted();
  let body = await readAll(request.takeContent());
  let url = new URL(request.url);
  let { method } = request;
  const headers = new Headers(request.headers);
  for (let redirects = 0; ; redirects++) {
    const response = exchange(url, method, headers, body, redirects > 0);
    const next = response.headers.get('location');
    if (request.redirect === 'manual' || !isRedirect(response.status) || next === null) {
      return response;
    }
    if (request.redirect === 'error') throw new TypeError(`fetch: ${url.href} redirects`);
    if (redirects === MAX_REDIRECTS) {
      throw new TypeError(`fetch: more than ${MAX_REDIRECTS} redirects`);
    }
    await response.body?.cancel();
    const from = url;
    url = new URL(next, url.href);
    if (url.hash === '') url.hash = from.hash;
    if (url.username !== '' || url.password !== '') {
      throw new TypeError(`fetch: ${from.href} redirects to a URL with a user name or a password`);
    }
    if (url.origin !== from.origin) for (const name of CREDENTIALS) headers.delete(name);
    const becomesGet =
      response.status === 303
        ? method !== 'GET' && method !== 'HEAD'
        : response.status < 303 && method === 'POST';
    if (!becomesGet) continue;
    method = 'GET';
    body = new Uint8Array();
    for (const name of BODY_HEADERS) headers.delete(name);
  }
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

function exchange(
  url: URL,
  method: string,
  headers: Headers,
  body: Uint8Array,
  isRedirected: boolean,
): Response {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`fetch: there is no ${url.protocol} here, only http: and https:`);
  }
  const address = url.href.slice(0, url.href.length - url.hash.length);
  const fd = host().open(address);
  if (fd < 0) throw new TypeError(`fetch: ${address} could not be opened`);
  const head = [`${method} ${url.pathname}${url.search} HTTP/1.1`, `Host: ${url.host}`];
  for (const [name, value] of headers) {
    if (!OWN_HEADERS.has(name)) head.push(`${name}: ${value}`);
  }
  const hasBody = body.length > 0 || method === 'POST' || method === 'PUT' || method === 'PATCH';
  if (hasBody) head.push(`Content-Length: ${body.length}`);
  const start = encodeText(`${head.join('\r\n')}\r\nConnection: close\r\n\r\n`);
  const isSent = host().writeTo(fd, joinBytes([start, body])) === 0 && host().flush(fd) >= 0;
  const received = isSent ? readHead(fd) : undefined;
  if (received === undefined) {
    host().close(fd);
    throw new TypeError(`fetch: ${address} did not answer`);
  }
  return toResponse(fd, received, method, url.href, isRedirected);
}

interface Head {
  readonly lines: readonly string[];
  /** Bytes of the body that arrived with the head. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

function readHead(fd: number): Head | undefined {
  let bytes = new Uint8Array();
  for (;;) {
    const piece = host().readFrom(fd, PIECE_BYTES);
    if (typeof piece === 'number') return undefined;
    bytes = bytes.length === 0 ? piece : joinBytes([bytes, piece]);
    const end = endOfHead(bytes);
    if (end >= 0) {
      const lines = host().decode(bytes.subarray(0, end)).split('\r\n');
      return { lines, rest: bytes.slice(end + 4) };
    }
    if (bytes.length > MAX_HEAD_BYTES) return undefined;
  }
}

function endOfHead(bytes: Uint8Array): number {
  for (let at = bytes.indexOf(13); at >= 0; at = bytes.indexOf(13, at + 1)) {
    if (bytes[at + 1] === 10 && bytes[at + 2] === 13 && bytes[at + 3] === 10) return at;
  }
  return -1;
}

function toResponse(
  fd: number,
  { lines: [first = '', ...fields], rest }: Head,
  method: string,
  url: string,
  isRedirected: boolean,
): Response {
  const [, code = '', reason = ''] = /^HTTP\/\S+ (\d{3}) ?(.*)$/.exec(first) ?? [];
  const status = Number(code);
  const headers = new Headers();
  for (const field of fields) {
    const at = field.indexOf(':');
    if (at > 0) headers.append(field.slice(0, at), field.slice(at + 1));
  }
  const isEmpty = method === 'HEAD' || status === 204 || status === 205 || status === 304;
  if (isEmpty) host().close(fd);
  const content = isEmpty ? null : bodyOf(fd, rest, url);
  return new Response(new Received(content, 'basic', url, isRedirected), {
    status,
    statusText: reason,
    headers,
  });
}

function bodyOf(fd: number, first: Uint8Array<ArrayBuffer>, url: string): ByteSource {
  let ahead: Uint8Array<ArrayBuffer> | undefined = first.length > 0 ? first : undefined;
  let isOpen = true;
  return new ByteSource(
    () => {
      const known = ahead;
      ahead = undefined;
      if (known !== undefined) return known;
      const piece = host().readFrom(fd, PIECE_BYTES);
      if (typeof piece !== 'number') return piece;
      if (piece === END_OF_FILE) return null;
      throw new TypeError(`fetch: ${url} broke off`);
    },
    () => {
      if (isOpen) host().close(fd);
      isOpen = false;
    },
  );
}
