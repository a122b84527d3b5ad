/** Writes the response to a plain request (RFC 9112): with a length, in chunks, or without a body. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { CallResponse } from '../exchange.ts';

export interface PlainReplyOptions {
  readonly socket: Socket;
  readonly isHead: boolean;
  /** Keep-alive timeout in seconds. */
  readonly idleSeconds: number;
  /** Called once, when the response is written; `isLast`: no request follows on this connection. */
  readonly onEnd: (isLast: boolean) => void;
}

const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 304]);
/** Characters that must not occur in a header line. */
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;

export class PlainResponse implements CallResponse {
  readonly #options: PlainReplyOptions;
  readonly #socket: Socket;
  /** By name in lower case. */
  #preset: Map<string, readonly [name: string, value: string]> | undefined;
  /** The complete head, not sent yet. */
  #head = '';
  #hasHead = false;
  #isChunked = false;
  #hasBody = true;
  #isLast = false;
  #trailers = '';

  constructor(options: PlainReplyOptions) {
    this.#options = options;
    this.#socket = options.socket;
  }

  get headersSent(): boolean {
    return this.#hasHead;
  }

  get destroyed(): boolean {
    return this.#socket.destroyed;
  }

  get socket(): Socket {
    return this.#socket;
  }

  /** Plain requests are HTTP/1.1. */
  readonly useChunkedEncodingByDefault = true;

  setHeader(name: string, value: string): void {
    this.#preset ??= new Map();
    this.#preset.set(name.toLowerCase(), [name, value]);
  }

  writeHead(status: number, reason: string | undefined, headers: string[]): void {
    const preset = this.#preset;
    let fields = '';
    let hasLength = false;
    let hasDate = false;
    const add = (name: string, value: string): void => {
      const lower = name.toLowerCase();
      preset?.delete(lower);
      fields += `${checkLine(`${name}: ${value}`)}\r\n`;
      if (lower === 'content-length') hasLength = true;
      else if (lower === 'connection') this.#isLast = value === 'close';
      else if (lower === 'date') hasDate = true;
    };
    for (let i = 0; i + 1 < headers.length; i += 2) add(headers[i] ?? '', headers[i + 1] ?? '');
    for (const [name, value] of [...(preset?.values() ?? [])]) add(name, value);
    this.#hasBody = !this.#options.isHead && !WITHOUT_BODY.has(status);
    this.#isChunked = this.#hasBody && !hasLength;
    const { idleSeconds } = this.#options;
    this.#head =
      `HTTP/1.1 ${status} ${checkLine(reason ?? STATUS_CODES[status] ?? '')}\r\n${fields}` +
      (hasDate ? '' : `Date: ${now()}\r\n`) +
      (this.#isLast ? '' : `Connection: keep-alive\r\nKeep-Alive: timeout=${idleSeconds}\r\n`) +
      (this.#isChunked ? 'Transfer-Encoding: chunked\r\n\r\n' : '\r\n');
    this.#hasHead = true;
  }

  flushHeaders(): void {
    if (this.#head !== '') this.#socket.write(this.#takeHead(), 'latin1');
  }

  write(chunk: Uint8Array): boolean {
    const socket = this.#socket;
    socket.cork();
    this.flushHeaders();
    this.#writeBody(chunk);
    socket.uncork();
    return !socket.writableNeedDrain;
  }

  addTrailers(trailers: Record<string, string>): void {
    for (const [name, value] of Object.entries(trailers)) {
      this.#trailers += `${checkLine(`${name}: ${value}`)}\r\n`;
    }
  }

  end(body: Uint8Array | string = '', encoding: 'latin1' | 'utf8'): void {
    const socket = this.#socket;
    if (encoding === 'latin1' && typeof body === 'string' && !this.#isChunked) {
      // One write costs much less than two.
      socket.write(this.#takeHead() + (this.#hasBody ? body : ''), 'latin1');
    } else {
      socket.cork();
      this.flushHeaders();
      this.#writeBody(typeof body === 'string' ? Buffer.from(body, encoding) : body);
      if (this.#isChunked) socket.write(`0\r\n${this.#trailers}\r\n`, 'latin1');
      socket.uncork();
    }
    this.#options.onEnd(this.#isLast);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  on(event: 'drain' | 'close', listener: () => void): void {
    this.#socket.on(event, listener);
  }

  off(event: 'drain' | 'close', listener: () => void): void {
    this.#socket.off(event, listener);
  }

  #takeHead(): string {
    const head = this.#head;
    this.#head = '';
    return head;
  }

  #writeBody(chunk: Uint8Array): void {
    if (!this.#hasBody || chunk.length === 0) return;
    const socket = this.#socket;
    if (this.#isChunked) socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    socket.write(chunk);
    if (this.#isChunked) socket.write('\r\n', 'latin1');
  }
}

/** Header values were validated at their source; this check guarantees that none can add a line. */
function checkLine(text: string): string {
  if (FORBIDDEN.test(text)) throw new Error('a header of a reply contains a forbidden character');
  return text;
}

let dateText = '';
let dateUntilMs = 0;

/** The Date header's value, formatted once a second. */
function now(): string {
  const ms = Date.now();
  if (ms >= dateUntilMs || ms < dateUntilMs - 1000) {
    dateText = new Date(ms).toUTCString();
    dateUntilMs = ms - (ms % 1000) + 1000;
  }
  return dateText;
}
