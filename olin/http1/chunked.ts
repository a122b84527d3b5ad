/** Decodes the chunked transfer coding (RFC 9112 section 7.1). */
import { ByteQueue } from './byte-queue.ts';
import { MessageError, parseField, showBytes, type LineReader } from './fields.ts';

/** Line bytes allowed per chunk, in addition to what the head left over, so that many small chunks are accepted. */
const LINE_BYTES_PER_CHUNK = 32;

type Part = 'size' | 'data' | 'data-end' | 'trailer' | 'done';

export class ChunkedDecoder {
  readonly #lines: LineReader;
  readonly #mostBytes: number;
  readonly #body = new ByteQueue();
  #part: Part = 'size';
  #left = 0;

  /** Reads from `lines`; the body may have at most `mostBytes` bytes. */
  constructor(lines: LineReader, mostBytes: number) {
    this.#lines = lines;
    this.#mostBytes = mostBytes;
  }

  /** Returns the body if it is complete, else undefined. Trailer fields are checked and discarded. */
  read(): Uint8Array<ArrayBuffer> | undefined {
    while (this.#part !== 'done') {
      if (this.#part === 'data') {
        const data = this.#lines.queue.take(this.#left);
        this.#body.append(data);
        this.#left -= data.length;
        if (this.#left > 0) return undefined;
        this.#part = 'data-end';
      }
      const line = this.#lines.next();
      if (line === undefined) return undefined;
      this.#readLine(line);
    }
    return this.#body.take();
  }

  #readLine(line: string): void {
    if (this.#part === 'size') {
      this.#left = parseChunkSize(line);
      if (this.#body.length + this.#left > this.#mostBytes) {
        throw new MessageError(`The body has more than ${this.#mostBytes} bytes. Send less`);
      }
      this.#lines.grant(LINE_BYTES_PER_CHUNK);
      this.#part = this.#left === 0 ? 'trailer' : 'data';
    } else if (this.#part === 'data-end') {
      if (line !== '') {
        throw new MessageError(
          `A chunk is followed by ${showBytes(line)}. Write exactly as many bytes as its size says, then "\\r\\n"`,
        );
      }
      this.#part = 'size';
    } else if (line === '') {
      this.#part = 'done';
    } else {
      parseField(line);
    }
  }
}

/** Parses a chunk size in hexadecimal; extensions after a semicolon are ignored. */
function parseChunkSize(line: string): number {
  const [, digits] = /^([0-9a-f]{1,8})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/i.exec(line) ?? [];
  if (digits === undefined) {
    throw new MessageError(
      `${showBytes(line)} is not a valid chunk size. Write the number of bytes in hexadecimal`,
    );
  }
  return Number.parseInt(digits, 16);
}
