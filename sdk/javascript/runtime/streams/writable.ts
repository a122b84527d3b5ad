/** WritableStream, TransformStream, and the text streams based on them. */
import { TextDecoder, TextEncoder } from '../language/encoding.ts';
import type { ReadableController, Strategy } from './readable-core.ts';
import { ReadableStream } from './readable.ts';

export interface Sink {
  start?(controller: WritableController): unknown;
  write?(chunk: unknown, controller: WritableController): unknown;
  close?(): unknown;
  abort?(reason?: unknown): unknown;
}

export class WritableController {
  readonly #fail: (reason: unknown) => void;

  constructor(fail: (reason: unknown) => void) {
    this.#fail = fail;
  }

  error(reason?: unknown): void {
    this.#fail(reason);
  }
}

let enter: (stream: WritableStream) => WritableWriter;

export class WritableStream {
  readonly #sink: Sink;
  readonly #controller: WritableController;
  readonly #closed = Promise.withResolvers<undefined>();
  /** The last operation; operations run one after another. */
  #last: Promise<unknown>;
  #failure: { readonly reason: unknown } | undefined;
  #isClosing = false;
  #isLocked = false;

  constructor(sink: Sink = {}, _strategy: Strategy = {}) {
    this.#sink = sink;
    this.#closed.promise.catch(() => undefined);
    this.#controller = new WritableController((reason) => this.#fail(reason));
    this.#last = Promise.resolve(sink.start?.(this.#controller));
    this.#last.catch((error: unknown) => this.#fail(error));
  }

  static {
    enter = (stream) => {
      if (stream.#isLocked) throw new TypeError('The stream is locked by another writer');
      stream.#isLocked = true;
      return new WritableWriter({
        closed: stream.#closed.promise,
        ready: () => stream.#last.then(() => undefined),
        write: (chunk) => stream.#write(chunk),
        close: () => stream.#close(),
        abort: (reason) => stream.#abort(reason),
        release: () => {
          stream.#isLocked = false;
        },
      });
    };
  }

  get locked(): boolean {
    return this.#isLocked;
  }

  getWriter(): WritableWriter {
    return enter(this);
  }

  close(): Promise<undefined> {
    return this.#close();
  }

  abort(reason?: unknown): Promise<undefined> {
    return this.#abort(reason);
  }

  #fail(reason: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { reason };
    this.#closed.reject(reason);
  }

  #next(operation: () => unknown): Promise<undefined> {
    const run = this.#last.then(async () => {
      if (this.#failure !== undefined) throw this.#failure.reason;
      try {
        await operation();
      } catch (error) {
        this.#fail(error);
        throw error;
      }
      return undefined;
    });
    this.#last = run.catch(() => undefined);
    return run;
  }

  #write(chunk: unknown): Promise<undefined> {
    if (this.#isClosing) return Promise.reject(new TypeError('The stream is closed'));
    return this.#next(() => this.#sink.write?.(chunk, this.#controller));
  }

  #close(): Promise<undefined> {
    if (this.#isClosing) return Promise.reject(new TypeError('The stream is closed already'));
    this.#isClosing = true;
    return this.#next(async () => {
      await this.#sink.close?.();
      this.#closed.resolve(undefined);
    });
  }

  async #abort(reason: unknown): Promise<undefined> {
    if (this.#failure !== undefined) return;
    this.#fail(reason);
    await this.#sink.abort?.(reason);
  }
}

interface WriterOperations {
  readonly closed: Promise<undefined>;
  ready(): Promise<undefined>;
  write(chunk: unknown): Promise<undefined>;
  close(): Promise<undefined>;
  abort(reason: unknown): Promise<undefined>;
  release(): void;
}

class WritableWriter {
  readonly #stream: WriterOperations;

  constructor(stream: WriterOperations) {
    this.#stream = stream;
  }

  get closed(): Promise<undefined> {
    return this.#stream.closed;
  }

  get ready(): Promise<undefined> {
    return this.#stream.ready();
  }

  get desiredSize(): number {
    return 1;
  }

  write(chunk?: unknown): Promise<undefined> {
    return this.#stream.write(chunk);
  }

  close(): Promise<undefined> {
    return this.#stream.close();
  }

  abort(reason?: unknown): Promise<undefined> {
    return this.#stream.abort(reason);
  }

  releaseLock(): void {
    this.#stream.release();
  }
}

export interface Transformer {
  start?(controller: TransformController): unknown;
  transform?(chunk: unknown, controller: TransformController): unknown;
  flush?(controller: TransformController): unknown;
}

type TransformController = Pick<ReadableController, 'desiredSize' | 'enqueue' | 'error'> & {
  terminate(): void;
};

export class TransformStream {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;

  constructor(transformer: Transformer = {}, _writing: Strategy = {}, _reading: Strategy = {}) {
    let to: ReadableController | undefined;
    /** A write waits until the chunks of the previous one have been read and the reader wants more. */
    let wanted = Promise.withResolvers<void>();
    this.readable = new ReadableStream(
      {
        start: (controller) => {
          to = controller;
        },
        pull: () => wanted.resolve(),
        cancel: (reason) => this.writable.abort(reason),
      },
      { highWaterMark: 0 },
    );
    const controller: TransformController = {
      get desiredSize() {
        return to?.desiredSize ?? null;
      },
      enqueue: (chunk) => {
        wanted = Promise.withResolvers<void>();
        to?.enqueue(chunk);
      },
      error: (reason) => to?.error(reason),
      terminate: () => to?.close(),
    };
    this.writable = new WritableStream({
      start: () => transformer.start?.(controller),
      write: async (chunk) => {
        await wanted.promise;
        if (transformer.transform === undefined) controller.enqueue(chunk);
        else await transformer.transform(chunk, controller);
      },
      close: async () => {
        await transformer.flush?.(controller);
        controller.terminate();
      },
      abort: (reason) => {
        wanted.resolve();
        controller.error(reason);
      },
    });
  }
}

export class TextEncoderStream extends TransformStream {
  constructor() {
    const encoder = new TextEncoder();
    super({ transform: (chunk, to) => to.enqueue(encoder.encode(String(chunk))) });
  }
}

export class TextDecoderStream extends TransformStream {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }) {
    const decoder = new TextDecoder(label, options);
    super({
      transform: (chunk, to) => to.enqueue(decoder.decode(chunk, { stream: true })),
      flush: (to) => {
        const rest = decoder.decode();
        if (rest !== '') to.enqueue(rest);
      },
    });
  }
}
