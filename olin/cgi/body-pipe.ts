/** Passes the reply's body from the guest to the reader of the response. */

/** Buffered bytes above which the guest must wait for the reader. */
const MAX_WAITING_BYTES = 65_536;
/** Approximate overhead per chunk: a guest may write one byte at a time. */
const CHUNK_BYTES = 128;

type Controller = ReadableStreamDefaultController<Uint8Array>;

/**
 * A stream with back-pressure. It never buffers more than its limit plus one chunk. Unlike with a plain stream, an error
 * is delivered after the data written before it, so the reader gets everything the guest wrote.
 */
export class BodyPipe {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #canWait: boolean;
  readonly #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #end: { readonly error?: Error } | undefined;
  #cancelled = false;
  #wakeWriter: (() => void) | undefined;
  #wakeReader: (() => void) | undefined;

  /**
   * `onCancel` is called when the reader cancels. With `canWait` false (a guest that cannot be suspended) the writer never
   * waits; the output limit then bounds the buffer.
   */
  constructor(onCancel: () => void, canWait: boolean) {
    this.#canWait = canWait;
    this.stream = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => this.#pull(controller),
        cancel: () => {
          this.#cancelled = true;
          this.#waiting.length = 0;
          this.#wakeWriter?.();
          onCancel();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Writes a chunk, and waits for room if there is none. After a cancel, chunks are discarded. */
  write(chunk: Uint8Array): void | Promise<void> {
    if (this.#cancelled) return;
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length + CHUNK_BYTES;
    this.#wakeReader?.();
    if (this.#waitingBytes < MAX_WAITING_BYTES || !this.#canWait) return;
    return new Promise((resolve) => {
      this.#wakeWriter = resolve;
    });
  }

  /** Ends the stream after the data written so far, with an error if one is given. */
  end(error?: Error): void {
    this.#end = error === undefined ? {} : { error };
    this.#wakeReader?.();
  }

  async #pull(controller: Controller): Promise<void> {
    if (this.#waiting.length === 0 && this.#end === undefined) {
      await new Promise<void>((resolve) => {
        this.#wakeReader = resolve;
      });
      this.#wakeReader = undefined;
    }
    const chunk = this.#waiting.shift();
    if (chunk !== undefined) {
      this.#waitingBytes -= chunk.length + CHUNK_BYTES;
      if (this.#waitingBytes < MAX_WAITING_BYTES) this.#wakeWriter?.();
      controller.enqueue(chunk);
    } else if (this.#end?.error !== undefined) {
      controller.error(this.#end.error);
    } else if (this.#end !== undefined) {
      controller.close();
    }
  }
}
