/**
 * Parses an HTTP/1.1 request that a guest writes (RFC 9112). Rejects what parsers could read differently: a length with
 * chunked coding, a repeated length, a folded line, a space before a colon, a bare CR, an invalid chunk size. Lines may
 * end in LF alone, and line ends after the request are ignored, because older guest libraries write both.
 */
import { ChunkedDecoder } from './chunked.ts';
import {
  isToken,
  LineReader,
  MessageError,
  parseContentLength,
  parseField,
  showBytes,
  type Field,
} from './fields.ts';

/** Limits of one request. */
export const REQUEST_BOUNDS = {
  /** Total bytes of the request line, the fields, and the sizes and trailers of chunks. */
  headBytes: 65_536,
  fields: 256,
  bodyBytes: 16 * 1024 * 1024,
} as const;

export interface RequestMessage {
  readonly method: string;
  /** As written: a path with a query, or an absolute URL. */
  readonly target: string;
  readonly fields: readonly Field[];
  readonly body: Uint8Array<ArrayBuffer>;
}

interface Head {
  readonly method: string;
  readonly target: string;
  readonly minor: string;
}

export class RequestReader {
  readonly #lines = new LineReader(
    `The head of the request (at most ${REQUEST_BOUNDS.headBytes} bytes)`,
    REQUEST_BOUNDS.headBytes,
  );
  readonly #fields: Field[] = [];
  #head: Head | undefined;
  /** Set when the empty line after the fields has been read. */
  #body: { readonly length: number } | ChunkedDecoder | undefined;
  #message: RequestMessage | undefined;
  #begun = false;

  /** Number of lines read so far, including those of chunks. */
  get lines(): number {
    return this.#lines.count;
  }

  /** The request if it is complete, else undefined. */
  get message(): RequestMessage | undefined {
    return this.#message;
  }

  /** Takes the next bytes (copied). Throws a MessageError if they are invalid; the reader is then unusable. */
  push(chunk: Uint8Array): void {
    if (chunk.length > 0) this.#begun = true;
    this.#lines.queue.append(chunk);
    if (this.#message === undefined) this.#read();
    if (this.#message !== undefined) this.#checkRest();
  }

  /** Describes what an incomplete request lacks, as a sentence without its full stop. */
  describeMissing(): string {
    if (!this.#begun) return 'No request was written. Write an HTTP/1.1 request, then read';
    if (this.#body === undefined) {
      return 'The head of the request is not complete. End it with an empty line';
    }
    if (this.#body instanceof ChunkedDecoder) {
      return 'The chunked body of the request is not complete. End it with "0\\r\\n\\r\\n"';
    }
    const { length } = this.#body;
    return `The body of the request has ${this.#lines.queue.length} of the ${length} bytes announced by Content-Length. Write the rest, or correct the length`;
  }

  #read(): void {
    while (this.#body === undefined) {
      const line = this.#lines.next();
      if (line === undefined) return;
      if (this.#head === undefined) {
        if (line !== '') this.#head = parseRequestLine(line);
      } else if (line === '') {
        this.#body = this.#chooseBody(this.#head);
      } else {
        if (this.#fields.length >= REQUEST_BOUNDS.fields) {
          throw new MessageError(`The request has more than ${REQUEST_BOUNDS.fields} headers`);
        }
        this.#fields.push(parseField(line));
      }
    }
    const body = this.#readBody(this.#body);
    if (body === undefined || this.#head === undefined) return;
    const { method, target } = this.#head;
    this.#message = { method, target, fields: this.#fields, body };
  }

  #readBody(
    body: { readonly length: number } | ChunkedDecoder,
  ): Uint8Array<ArrayBuffer> | undefined {
    if (body instanceof ChunkedDecoder) return body.read();
    const { queue } = this.#lines;
    return queue.length < body.length ? undefined : queue.take(body.length);
  }

  /** Determines how the body ends (RFC 9112 section 6.3). */
  #chooseBody(head: Head): { readonly length: number } | ChunkedDecoder {
    const lengths = this.#values('content-length');
    const codings = this.#values('transfer-encoding');
    const [coding] = codings;
    if (coding !== undefined) {
      if (lengths.length > 0) {
        throw new MessageError(
          'The request has both Content-Length and Transfer-Encoding. Keep one of the two',
        );
      }
      if (codings.length > 1 || coding.toLowerCase() !== 'chunked' || head.minor !== '1') {
        throw new MessageError(
          `Transfer-Encoding is ${showBytes(codings.join(', '))} in HTTP/1.${head.minor}. Only "chunked" in HTTP/1.1 is supported; otherwise send Content-Length`,
        );
      }
      return new ChunkedDecoder(this.#lines, REQUEST_BOUNDS.bodyBytes);
    }
    if (lengths.length > 1) {
      throw new MessageError('The request has Content-Length more than once. Keep one');
    }
    const [value] = lengths;
    const length = value === undefined ? 0 : parseContentLength(value);
    if (length > REQUEST_BOUNDS.bodyBytes) {
      throw new MessageError(`The body has more than ${REQUEST_BOUNDS.bodyBytes} bytes. Send less`);
    }
    return { length };
  }

  #values(name: string): string[] {
    return this.#fields
      .filter((field) => field.name.toLowerCase() === name)
      .map(({ value }) => value);
  }

  /** Checks that only line ends follow the request. */
  #checkRest(): void {
    const rest = this.#lines.takeRest();
    if (/[^\r\n]/.test(rest)) {
      throw new MessageError(
        `${showBytes(rest)} follows the end of the request. Send Content-Length with a body, and open a descriptor for each request`,
      );
    }
  }
}

/** Parses `GET /path?query HTTP/1.1`. */
function parseRequestLine(line: string): Head {
  const parts = line.split(' ');
  const [method = '', target = '', version = ''] = parts;
  const minor = /^HTTP\/1\.([01])$/.exec(version)?.[1];
  if (parts.length !== 3 || minor === undefined || !isToken(method)) {
    throw new MessageError(
      `The request begins with ${showBytes(line)}. Begin with a method, a path and "HTTP/1.1", such as "GET / HTTP/1.1"`,
    );
  }
  if (!/^[\x21-\x7e]+$/.test(target)) {
    throw new MessageError(
      `The path ${showBytes(target)} contains a character that URLs do not allow. Percent-encode it, such as "%20"`,
    );
  }
  return { method, target, minor };
}
