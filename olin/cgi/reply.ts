/**
 * Converts a CGI program's standard output to status, headers and body (RFC 3875 section 6), piece by piece.
 *
 *     Content-Type: text/plain      headers, each line ended by LF or CR LF
 *     Status: 404 Not Found         the status; default 200, or 302 with Location
 *                                   an empty line
 *     No such page.                 the body, passed on as it is written
 *
 * The rules for a reply, and how it is converted:
 *
 * - It has at least one of Content-Type, Status and Location, and none of these or Content-Length twice.
 * - A body needs a Content-Type. Without one, the head is held back until the output ends, to check that there is no
 *   body.
 * - `Status:` is three digits from 200 to 599, and optionally a reason.
 * - `Location:` is an absolute URL, or a path that begins with `/`. Without Status the status is 302, also for a path:
 *   RFC 3875 section 6.2.2 has the server return the other page itself, but that path may belong to another handler.
 * - Content-Length is optional. If it differs from the length of the body, the reply fails.
 * - Transfer-Encoding is refused, because the server frames the body. Connection headers (Connection, Keep-Alive, TE,
 *   Trailer, Upgrade, Proxy-*) and X-CGI-* are omitted.
 * - Several headers of one name, such as Set-Cookie, stay separate and in order.
 * - HEAD, 204, 205 and 304 have no body: any body that is written is discarded.
 * - A complete HTTP message (`HTTP/1.1 200 OK`, a "non-parsed header" program) is refused.
 * - The header has at most 64 KiB and 128 lines.
 */
import {
  LineReader,
  MessageError,
  parseContentLength,
  parseField,
  type Field,
} from '../http1/fields.ts';
import {
  ADVICE,
  checkFirstLine,
  checkLocation,
  describeNoHeader,
  isPassedOn,
  parseStatus,
} from './reply-fields.ts';

export interface ReplyHead {
  /** 200 to 599. */
  readonly status: number;
  /** As written by the guest, or empty. */
  readonly reason: string;
  /** In order, without Status; values have one character per byte. */
  readonly fields: readonly Field[];
  /** False if the method or the status excludes a body. */
  readonly hasBody: boolean;
}

export interface ReplyEvents {
  /** Called once, before any of the body. */
  onHead(head: ReplyHead): void;
  /** The guest waits while a returned promise is pending: this is the back-pressure. */
  onBody(chunk: Uint8Array): void | Promise<void>;
}

/** An invalid reply. The message says what is wrong and what to do, in one or two sentences. */
export class ReplyError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReplyError';
  }
}

const MAX_HEADER_BYTES = 65_536;
const MAX_FIELDS = 128;
const WITHOUT_BODY = new Set([204, 205, 304]);
const ONCE = ['status', 'content-type', 'location', 'content-length'] as const;

/** Reads one reply. If the reply is invalid, methods throw a ReplyError, and each later call throws the same one. */
export class ReplyReader {
  readonly #events: ReplyEvents;
  readonly #isHead: boolean;
  readonly #lines = new LineReader(
    `The header of the reply (at most ${MAX_HEADER_BYTES} bytes)`,
    MAX_HEADER_BYTES,
  );
  readonly #fields: Field[] = [];
  /** Headers with a meaning in CGI, each allowed once. */
  readonly #once: { [name in (typeof ONCE)[number]]?: string } = {};
  /** Set at the empty line. */
  #head: ReplyHead | undefined;
  #headGiven = false;
  #expectedLength: number | undefined;
  #bodyLength = 0;
  #failure: ReplyError | undefined;

  /** `method` is the request's: a reply to HEAD has no body. */
  constructor(method: string, events: ReplyEvents) {
    this.#isHead = method === 'HEAD';
    this.#events = events;
  }

  /** Takes the next chunk of output, of any size; it must not be modified afterwards. */
  write(chunk: Uint8Array): void | Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      if (this.#head !== undefined) return this.#writeBody(this.#head, chunk);
      this.#lines.queue.adopt(chunk);
      const head = this.#readHead();
      if (head === undefined) return;
      this.#head = head;
      // A body without Content-Type is an error, so the head waits until it is known whether there is a body.
      if (!head.hasBody || this.#once['content-type'] !== undefined) this.#giveHead(head);
      return this.#writeBody(head, this.#lines.queue.takeAll());
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Ends the output: delivers a waiting head, and checks that the reply is complete. */
  end(): void {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      const head = this.#head;
      if (head === undefined) throw new MessageError(this.#describeUnended());
      if (head.hasBody && this.#expectedLength !== undefined)
        this.#checkLength(this.#expectedLength);
      this.#giveHead(head);
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): never {
    if (!(error instanceof MessageError)) throw error;
    this.#failure = new ReplyError(`${error.message}.`);
    throw this.#failure;
  }

  #giveHead(head: ReplyHead): void {
    if (this.#headGiven) return;
    this.#headGiven = true;
    this.#events.onHead(head);
  }

  #writeBody(head: ReplyHead, chunk: Uint8Array): void | Promise<void> {
    if (chunk.length === 0 || !head.hasBody) return;
    if (!this.#headGiven) {
      throw new MessageError(
        'The reply has a body but no Content-Type. Print one, such as "Content-Type: text/plain", before the empty line',
      );
    }
    this.#bodyLength += chunk.length;
    const expected = this.#expectedLength;
    if (expected !== undefined && this.#bodyLength > expected) this.#checkLength(expected);
    return this.#events.onBody(chunk);
  }

  #checkLength(expected: number): void {
    if (this.#bodyLength === expected) return;
    const most = this.#bodyLength > expected ? 'more than that' : `${this.#bodyLength}`;
    throw new MessageError(
      `Content-Length is ${expected}, but the body has ${most}. Count its bytes, or leave Content-Length out`,
    );
  }

  /** Reads lines up to the empty line; returns undefined until it has arrived. */
  #readHead(): ReplyHead | undefined {
    for (;;) {
      const line = this.#lines.next();
      if (line === undefined) return undefined;
      if (line === '') return this.#makeHead();
      this.#addField(line);
    }
  }

  #addField(line: string): void {
    if (this.#fields.length === 0) checkFirstLine(line);
    const field = parseField(line);
    const name = field.name.toLowerCase();
    const once = ONCE.find((each) => each === name);
    if (once !== undefined) {
      if (this.#once[once] !== undefined) {
        throw new MessageError(`The reply has ${field.name} more than once. Print it once`);
      }
      this.#once[once] = field.value;
    }
    if (name === 'transfer-encoding') {
      throw new MessageError(
        'The reply has Transfer-Encoding. Leave it out and print the body as it is: the server frames it',
      );
    }
    if (this.#fields.length >= MAX_FIELDS) {
      throw new MessageError(`The reply has more than ${MAX_FIELDS} headers. Print fewer`);
    }
    this.#fields.push(field);
  }

  #makeHead(): ReplyHead {
    const { 'content-type': type, 'content-length': length, location, status: given } = this.#once;
    if (this.#fields.length === 0) {
      throw new MessageError(`The reply has no header: it began with an empty line. ${ADVICE}`);
    }
    if (type === undefined && location === undefined && given === undefined) {
      throw new MessageError(
        'The header of the reply has none of Content-Type, Status and Location. Print the Content-Type',
      );
    }
    if (type === '')
      throw new MessageError('Content-Type is empty. Print one, such as "text/plain"');
    if (location !== undefined) checkLocation(location);
    const [status, reason] =
      given === undefined ? [location === undefined ? 200 : 302, ''] : parseStatus(given);
    if (length !== undefined) this.#expectedLength = parseContentLength(length);
    const hasBody = !this.#isHead && !WITHOUT_BODY.has(status);
    const fields = this.#fields.filter(({ name }) => isPassedOn(name.toLowerCase(), status));
    return { status, reason, fields, hasBody };
  }

  /** Describes why output that has ended has no complete header. */
  #describeUnended(): string {
    const rest = this.#lines.takeRest();
    if (this.#fields.length > 0) {
      return 'The header of the reply never ended. Print an empty line after it, then the body';
    }
    if (rest === '') return `The reply is empty. ${ADVICE}`;
    return /^[\w-]+:/.test(rest)
      ? 'The header of the reply never ended. Print an empty line after it, then the body'
      : describeNoHeader(rest);
  }
}
