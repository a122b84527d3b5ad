/**
 * The grammar shared by HTTP/1.1 messages and CGI replies: lines, field names and values (RFC 9110 section 5, RFC 9112
 * sections 2.2 and 5). Parsing is strict, because leniency lets two parsers disagree.
 */
import { MAX_MESSAGE, MAX_SHOWN_NAME, shorten } from '../shorten.ts';
import { ByteQueue } from './byte-queue.ts';

/** An invalid message: one or two sentences without the final full stop. The only error that these readers throw. */
export class MessageError extends Error {
  constructor(message: string) {
    super(shorten(message, MAX_MESSAGE));
    this.name = 'MessageError';
  }
}

export interface Field {
  /** As written. */
  readonly name: string;
  /** Without surrounding white space; one character per byte. */
  readonly value: string;
}

const LF = 10;
const AHEAD_BYTES = 512;
const CR = '\r';
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Visible characters, bytes above 0x7f, space and tab. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Hop-by-hop fields (RFC 9110 section 7.6.1); never forwarded. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name.toLowerCase());
}

export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Returns the lower-case field names in a list of Connection values. */
export function namesInConnection(values: Iterable<string>): Set<string> {
  const names = [...values].flatMap((value) => value.split(','));
  return new Set(names.map((name) => name.trim().toLowerCase()).filter((name) => name !== ''));
}

/** Formats untrusted text for a message: on one line, quoted, shortened. */
export function show(text: string): string {
  const points = Array.from(text.slice(0, 80));
  const cut = points.length > 32 ? `${points.slice(0, 32).join('')}…` : points.join('');
  return JSON.stringify(cut);
}

/** Like {@link show}, for text with one character per byte, which is decoded as UTF-8. */
export function showBytes(text: string): string {
  const bytes = Uint8Array.from(text.slice(0, 160), (character) => character.charCodeAt(0));
  return show(new TextDecoder().decode(bytes));
}

/** Parses a `Name: value` line. */
export function parseField(line: string): Field {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon));
  if (!TOKEN.test(name)) throw refuseName(line, colon);
  const value = withoutBlanks(line, colon + 1);
  if (!VALUE.test(value)) {
    throw new MessageError(
      `The value of the header ${shorten(name, MAX_SHOWN_NAME)} contains a control character. Remove NUL, CR and similar characters`,
    );
  }
  return { name, value };
}

function refuseName(line: string, colon: number): MessageError {
  const name = line.slice(0, colon);
  if (/^[ \t]/.test(line)) {
    return new MessageError(
      `The header line ${showBytes(line)} begins with a space, which would continue the previous line. Write each header on one line`,
    );
  }
  if (colon === -1) {
    return new MessageError(
      `The header line ${showBytes(line)} has no colon. Write "Name: value", and an empty line after the last header`,
    );
  }
  if (/[ \t]$/.test(name)) {
    return new MessageError(
      `The header line ${showBytes(line)} has a space before its colon. Write "${shorten(name.trim(), MAX_SHOWN_NAME)}: value"`,
    );
  }
  return new MessageError(
    `${showBytes(name)} is not a header name. Use letters, digits and dashes, with no space`,
  );
}

/** Returns the text from `from` on, without surrounding spaces and tabs. */
function withoutBlanks(text: string, from: number): string {
  let start = from;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Parses Content-Length. A list, a sign or a fraction is rejected. */
export function parseContentLength(value: string): number {
  if (!/^\d{1,15}$/.test(value)) {
    throw new MessageError(
      `Content-Length is ${showBytes(value)}. Write it once, as the number of bytes of the body`,
    );
  }
  return Number(value);
}

/**
 * Splits bytes into lines (ended by LF or CR LF), with one character per byte, or raw bytes. The result does not depend
 * on how the input is split into chunks.
 */
export class LineReader {
  readonly queue = new ByteQueue();
  /** Number of lines returned so far. */
  count = 0;
  readonly #what: string;
  /** Bytes of the current line already searched for its end. */
  #scanned = 0;
  /** The next bytes as text, and their offset in the input: most heads are short, and parsed at once. */
  #ahead = '';
  #aheadFrom = 0;
  #allowance: number;

  /** `what` names the part in messages; its lines may have `mostBytes` in total. */
  constructor(what: string, mostBytes: number) {
    this.#what = what;
    this.#allowance = mostBytes;
  }

  /** Returns the next line without its end, or undefined if it is incomplete. */
  next(): string | undefined {
    const soon = this.#scanned === 0 ? this.#lookAhead() : undefined;
    const length = soon?.length ?? this.queue.indexOf(LF, this.#scanned);
    if ((length === -1 ? this.queue.length : length + 1) > this.#allowance) {
      throw new MessageError(`${this.#what} is too long. Shorten it`);
    }
    if (length === -1) {
      this.#scanned = this.queue.length;
      return undefined;
    }
    this.#scanned = 0;
    this.count++;
    this.#allowance -= length + 1;
    const ended = soon ?? characters(this.queue.view(length));
    this.queue.drop(length + 1);
    const line = ended.endsWith(CR) ? ended.slice(0, -1) : ended;
    if (line.includes(CR)) {
      throw new MessageError(
        `The line ${showBytes(line)} contains a carriage return. End lines with "\\r\\n" or "\\n" and use "\\r" nowhere else`,
      );
    }
    return line;
  }

  /** Returns the next line, including a CR, if it is in the look-ahead text. */
  #lookAhead(): string | undefined {
    const { dropped } = this.queue;
    if (dropped < this.#aheadFrom || dropped >= this.#aheadFrom + this.#ahead.length) {
      this.#ahead = characters(this.queue.view(AHEAD_BYTES));
      this.#aheadFrom = dropped;
    }
    const at = dropped - this.#aheadFrom;
    const end = this.#ahead.indexOf('\n', at);
    return end === -1 ? undefined : this.#ahead.slice(at, end);
  }

  /** Allows more bytes for later lines. */
  grant(bytes: number): void {
    this.#allowance += bytes;
  }

  /** Returns the incomplete line. */
  takeRest(): string {
    return characters(this.queue.takeAll());
  }
}

/** Converts bytes to text with one character per byte. */
function characters(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096) {
    const part = bytes.length <= 4096 ? bytes : bytes.subarray(at, at + 4096);
    // Spread would iterate byte by byte.
    text += Reflect.apply(String.fromCharCode, undefined, part);
  }
  return text;
}
