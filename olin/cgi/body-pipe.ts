/** The body of a reply, from the guest that writes it to whoever reads the response. */

/** Bytes that wait for the reader before the guest is made to wait. */
const MAX_WAITING_BYTES = 65_536;
/** What a piece takes beside its bytes, about: a guest may write one byte at a time. */
const CHUNK_BYTES = 128;

type Controller = ReadableStreamDefaultController<Uint8Array>;

/**
 * A stream whose writer waits while the reader is behind. It never holds more than its bound and one piece. Unlike a
 * plain stream's, its error comes after what was written before, so a reader sees all that the guest said.
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
   * `onCancel` is told when the reader gives up. With `canWait` false (a guest that cannot be suspended) the writer
   * never waits; the limit on output bounds what is held.
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

  /** Passes a piece on, and waits for room where there is none. After a cancel it is thrown away. */
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

  /** Ends the stream after what was written, with an error where one is given. */
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
