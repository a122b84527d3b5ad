// HTTP handlers: the request is in the environment and standard input, the response goes to standard output.
import { env, envOr } from './system';
import { decode, encode, stdin, stdout } from './stream';

/** The request that this run answers. */
export class Request {
  /** `GET`, `POST`, … */
  readonly method: string = envOr('REQUEST_METHOD', 'GET');
  /** The path below the handler, such as `/hello`. */
  readonly path: string = envOr('PATH_INFO', '/');
  /** The query string without the question mark, not decoded. */
  readonly queryString: string = envOr('QUERY_STRING', '');

  /** Returns a header by its name, in any case; null if it was not sent. */
  header(name: string): string | null {
    const key = name.toUpperCase().replaceAll('-', '_');
    if (key == 'CONTENT_TYPE' || key == 'CONTENT_LENGTH') return env(key);
    return env('HTTP_' + key);
  }

  /** Returns a query parameter, decoded; null if it is absent. */
  query(name: string): string | null {
    return findField(this.queryString, name);
  }

  /** Returns a query parameter, decoded; the fallback if it is absent. */
  queryOr(name: string, fallback: string): string {
    const value = this.query(name);
    return value === null ? fallback : value;
  }

  /** Reads the whole body. */
  body(): Uint8Array {
    return stdin.readAll();
  }

  /** The body as text. */
  text(): string {
    return decode(this.body());
  }
}

/** A response: set its headers, then send a body, or start it and write the body to `stdout`. */
export class Response {
  private head: string;

  constructor(status: i32) {
    this.head = 'Status: ' + status.toString() + '\n';
  }

  header(name: string, value: string): this {
    this.head += name + ': ' + value + '\n';
    return this;
  }

  /** Sends the headers and a text. */
  send(type: string, text: string): void {
    this.sendBytes(type, encode(text));
  }

  /** Sends the headers and a body. */
  sendBytes(type: string, bytes: Uint8Array): void {
    this.header('Content-Length', bytes.length.toString()).start(type);
    stdout.writeBytes(bytes);
  }

  /** Sends the headers. What is then written to `stdout` is the body. */
  start(type: string): void {
    stdout.write('Content-Type: ' + type + '\n' + this.head + '\n');
  }
}

/** Returns a field of a form such as `a=1&b=two+words`, decoded; null if it is absent. */
export function findField(form: string, name: string): string | null {
  const fields = form.split('&');
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i];
    const equals = field.indexOf('=');
    const key = equals < 0 ? field : field.substring(0, equals);
    if (decodeField(key) == name) return equals < 0 ? '' : decodeField(field.substring(equals + 1));
  }
  return null;
}

/** Decodes the encoding of forms: `+` is a space, `%41` is a byte. Invalid escapes are not changed. */
export function decodeField(text: string): string {
  const from = encode(text);
  const to = new Uint8Array(from.length);
  let length = 0;
  for (let i = 0; i < from.length; i++) {
    let byte = from[i];
    if (byte == 0x2b) byte = 0x20;
    if (byte == 0x25 && i + 2 < from.length) {
      const high = hexadecimal(from[i + 1]);
      const low = hexadecimal(from[i + 2]);
      if (high >= 0 && low >= 0) {
        byte = <u8>((high << 4) | low);
        i += 2;
      }
    }
    to[length++] = byte;
  }
  return decode(to.subarray(0, length));
}

function hexadecimal(byte: i32): i32 {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}

/** Escapes text for HTML and XML: for content and for quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Formats a JSON string, with its quotes. */
export function quoteJson(text: string): string {
  let quoted = '"';
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit == 0x22 || unit == 0x5c) quoted += '\\' + text.charAt(i);
    else if (unit >= 0x20) quoted += text.charAt(i);
    else quoted += '\\u00' + (unit < 0x10 ? '0' : '') + unit.toString(16);
  }
  return quoted + '"';
}
