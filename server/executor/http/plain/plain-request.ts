/**
 * Parses the simplest requests: GET or HEAD, complete in one chunk, without a body, connection options or repeated
 * headers. All servers agree on where such a request ends and what it means, so one pattern can parse it. Everything
 * else is left to Node's parser.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import type { CallRequest } from '../exchange.ts';

const MAX_BYTES = 8192;

/** RFC 9112 sections 3 and 5: origin form only, without obsolete syntax. */
const HEAD =
  /^(?:GET|HEAD) \/[\x21\x22\x24-\x7e]* HTTP\/1\.1\r\n(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*\r\n)+\r\n$/;

/** Headers that affect framing or the connection. */
const NOT_PLAIN: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'expect',
  'upgrade',
  'te',
  'trailer',
  'keep-alive',
  'proxy-connection',
  'http2-settings',
]);

/**
 * An object that inherits nothing, so that `constructor` is an ordinary header name. Instances of a class keep fast
 * properties; objects from `Object.create(null)` do not.
 */
class Fields {
  [name: string]: string;
}
Object.setPrototypeOf(Fields.prototype, null);
Reflect.deleteProperty(Fields.prototype, 'constructor');

const TAB = 9;
const SPACE = 32;

export class PlainRequest implements CallRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly socket: Socket;

  private constructor(
    method: string,
    url: string,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
    socket: Socket,
  ) {
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.rawHeaders = rawHeaders;
    this.socket = socket;
  }

  /** Returns undefined unless the bytes are exactly one plain request. */
  static read(bytes: Buffer, socket: Socket): PlainRequest | undefined {
    if (bytes.length > MAX_BYTES) return undefined;
    const text = bytes.toString('latin1');
    if (!HEAD.test(text)) return undefined;
    const urlFrom = text.indexOf(' ') + 1;
    const urlTo = text.indexOf(' ', urlFrom);
    const headers: IncomingHttpHeaders = new Fields();
    const rawHeaders: string[] = [];
    let at = text.indexOf('\r\n', urlTo) + 2;
    for (let end = text.indexOf('\r\n', at); end > at; end = text.indexOf('\r\n', at)) {
      const colon = text.indexOf(':', at);
      const name = text.slice(at, colon);
      const value = trimmed(text, colon + 1, end);
      const lower = name.toLowerCase();
      if (headers[lower] !== undefined || !isPlain(lower, value)) return undefined;
      headers[lower] = value;
      rawHeaders.push(name, value);
      at = end + 2;
    }
    if (headers.host === undefined) return undefined;
    const method = text.slice(0, urlFrom - 1);
    return new PlainRequest(method, text.slice(urlFrom, urlTo), headers, rawHeaders, socket);
  }

  /** There is no body. */
  async *iterator(): AsyncGenerator<Uint8Array> {}
}

/** @param name in lower case */
function isPlain(name: string, value: string): boolean {
  if (name === 'connection') return value.toLowerCase() === 'keep-alive';
  return !NOT_PLAIN.has(name);
}

/** Trims spaces and tabs only; String.trim would remove more. */
function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}
