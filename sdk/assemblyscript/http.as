// An HTTP client: writes the request to an opened http:// or https:// URL, and reads the response from it.
import { Stream, decode, encode } from './stream';

/** The response of a server. */
export class Reply {
  constructor(
    readonly status: i32,
    /** The header lines, unchanged. */
    readonly headers: string[],
    readonly body: Uint8Array,
  ) {}

  /** Returns a header by its name, in any case; null if it was not sent. */
  header(name: string): string | null {
    const wanted = name.toLowerCase() + ':';
    for (let i = 0; i < this.headers.length; i++) {
      const line = this.headers[i];
      if (line.toLowerCase().startsWith(wanted)) return line.substring(wanted.length).trim();
    }
    return null;
  }

  /** The body as text. */
  text(): string {
    return decode(this.body);
  }
}

/** Fetches the URL. Returns null if there is no response. */
export function get(url: string): Reply | null {
  return send('GET', url, '', new Uint8Array(0));
}

/** Posts a text to the URL. Returns null if there is no response. */
export function post(url: string, type: string, text: string): Reply | null {
  return send('POST', url, 'Content-Type: ' + type + '\r\n', encode(text));
}

/** Sends a request with the given header lines, each ended by CR LF. Returns null if there is no response. */
export function send(method: string, url: string, headers: string, body: Uint8Array): Reply | null {
  const stream = Stream.open(url);
  if (stream === null) return null;
  const path = pathOf(url);
  let head = method + ' ' + path + ' HTTP/1.1\r\nHost: ' + hostOf(url) + '\r\nConnection: close\r\n' + headers;
  if (body.length > 0 || method == 'POST') head += 'Content-Length: ' + body.length.toString() + '\r\n';
  stream.write(head + '\r\n');
  if (body.length > 0) stream.writeBytes(body);
  stream.flush();
  const bytes = stream.readAll();
  stream.close();
  return parseReply(bytes);
}

/** The host has removed transfer codings, so everything after the empty line is the body. */
function parseReply(bytes: Uint8Array): Reply | null {
  // The headers end at the first empty line.
  let end = 0;
  while (end + 3 < bytes.length && !(bytes[end] == 13 && bytes[end + 1] == 10 && bytes[end + 2] == 13)) end++;
  if (end + 3 >= bytes.length) return null;
  const lines = decode(bytes.subarray(0, end)).split('\r\n');
  const words = lines.shift().split(' ');
  if (words.length < 2) return null;
  return new Reply(<i32>parseInt(words[1]), lines, bytes.subarray(end + 4));
}

function hostOf(url: string): string {
  const start = url.indexOf('://') + 3;
  return url.substring(start, endOfHost(url, start));
}

function pathOf(url: string): string {
  const rest = url.substring(endOfHost(url, url.indexOf('://') + 3));
  const path = rest.split('#')[0];
  return path.startsWith('/') ? path : '/' + path;
}

function endOfHost(url: string, start: i32): i32 {
  for (let i = start; i < url.length; i++) {
    const unit = url.charCodeAt(i);
    if (unit == 0x2f || unit == 0x3f || unit == 0x23) return i;
  }
  return url.length;
}
