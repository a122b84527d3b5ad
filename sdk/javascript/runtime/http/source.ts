/** A body that is read from the host in pieces: standard input, or the body of a fetched response. */
import { joinBytes } from '../bytes.ts';
import { ReadableStream } from '../streams/readable.ts';

export class ByteSource {
  readonly #read: () => Uint8Array<ArrayBuffer> | null;
  readonly #close: () => void;

  /**
   * @param read waits for a piece; returns null at the end
   * @param close called once, at the end or if the rest is not needed
   */
  constructor(read: () => Uint8Array<ArrayBuffer> | null, close: () => void = () => {}) {
    this.#read = read;
    this.#close = close;
  }

  readAll(): Uint8Array<ArrayBuffer> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (let part = this.#read(); part !== null; part = this.#read()) parts.push(part);
    this.#close();
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : joinBytes(parts);
  }

  stream(): ReadableStream {
    return new ReadableStream(
      {
        pull: (controller) => {
          const part = this.#read();
          if (part !== null) controller.enqueue(part);
          else {
            this.#close();
            controller.close();
          }
        },
        cancel: () => this.#close(),
      },
      { highWaterMark: 0 },
    );
  }
}
