/** ReadableStream with its default reader (the Streams Standard, without byte streams). */
import {
  ReadableCore,
  type ReadableController,
  type ReadResult,
  type Source,
  type Strategy,
} from './readable-core.ts';

let coreOf: (stream: ReadableStream) => ReadableCore;

export class ReadableReader {
  #core: ReadableCore | undefined;

  constructor(stream: ReadableStream) {
    const core = coreOf(stream);
    if (core.isLocked) throw new TypeError('The stream is locked by another reader');
    core.isLocked = true;
    this.#core = core;
  }

  get closed(): Promise<undefined> {
    return this.#core?.closed.promise ?? Promise.reject(released());
  }

  async read(): Promise<ReadResult> {
    if (this.#core === undefined) throw released();
    return this.#core.read();
  }

  async cancel(reason?: unknown): Promise<undefined> {
    if (this.#core === undefined) throw released();
    return this.#core.cancel(reason);
  }

  releaseLock(): void {
    const core = this.#core;
    if (core === undefined) return;
    for (const { reject } of core.reads.splice(0)) reject(released());
    core.isLocked = false;
    this.#core = undefined;
  }
}

function released(): TypeError {
  return new TypeError('The reader has been released');
}

/** The destination of a stream's chunks. */
export interface Writable {
  getWriter(): {
    write(chunk: unknown): Promise<unknown>;
    close(): Promise<unknown>;
    abort(reason?: unknown): Promise<unknown>;
    releaseLock(): void;
  };
}

export class ReadableStream {
  readonly #core: ReadableCore;

  constructor(source: Source = {}, strategy: Strategy = {}) {
    this.#core = new ReadableCore(source, strategy);
  }

  static from(items: Iterable<unknown> | AsyncIterable<unknown>): ReadableStream {
    const iterator =
      Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]();
    return new ReadableStream(
      {
        async pull(controller) {
          const { value, done } = await iterator.next();
          if (done === true) controller.close();
          else controller.enqueue(await value);
        },
        cancel: (reason) => iterator.return?.(reason),
      },
      { highWaterMark: 0 },
    );
  }

  static {
    coreOf = (stream) => stream.#core;
  }

  get locked(): boolean {
    return this.#core.isLocked;
  }

  getReader(): ReadableReader {
    return new ReadableReader(this);
  }

  async cancel(reason?: unknown): Promise<undefined> {
    if (this.locked) throw new TypeError('A locked stream cannot be cancelled');
    return this.#core.cancel(reason);
  }

  tee(): [ReadableStream, ReadableStream] {
    const reader = this.getReader();
    const branches: ReadableController[] = [];
    const cancelled = [false, false];
    const pull = async (): Promise<void> => {
      const { value, done } = await reader.read();
      for (const [i, branch] of branches.entries()) {
        if (cancelled[i] === true) continue;
        if (done) branch.close();
        else branch.enqueue(value);
      }
    };
    const branch = (i: number): ReadableStream =>
      new ReadableStream(
        {
          start: (controller) => void branches.push(controller),
          pull,
          cancel: (reason) => {
            cancelled[i] = true;
            return cancelled.every(Boolean) ? reader.cancel(reason) : undefined;
          },
        },
        { highWaterMark: 0 },
      );
    reader.closed.catch((error: unknown) => branches.forEach((each) => each.error(error)));
    return [branch(0), branch(1)];
  }

  async pipeTo(
    destination: Writable,
    { preventClose = false, preventAbort = false, preventCancel = false } = {},
  ): Promise<void> {
    const reader = this.getReader();
    const writer = destination.getWriter();
    try {
      for (;;) {
        const next = await reader.read().catch(async (error: unknown) => {
          if (!preventAbort) await writer.abort(error);
          throw error;
        });
        if (next.done) break;
        await writer.write(next.value).catch(async (error: unknown) => {
          if (!preventCancel) await reader.cancel(error);
          throw error;
        });
      }
      if (!preventClose) await writer.close();
    } finally {
      reader.releaseLock();
      writer.releaseLock();
    }
  }

  pipeThrough<Readable>(
    { readable, writable }: { readable: Readable; writable: Writable },
    options?: { preventClose?: boolean; preventAbort?: boolean; preventCancel?: boolean },
  ): Readable {
    this.pipeTo(writable, options).catch(() => undefined);
    return readable;
  }

  async *values({ preventCancel = false } = {}): AsyncGenerator {
    const reader = this.getReader();
    let isOver = false;
    try {
      for (;;) {
        const { value, done } = await reader.read().catch((error: unknown) => {
          isOver = true;
          throw error;
        });
        isOver = done;
        if (done) return;
        yield value;
      }
    } finally {
      if (!isOver && !preventCancel) await reader.cancel();
      reader.releaseLock();
    }
  }

  [Symbol.asyncIterator](options?: { preventCancel?: boolean }): AsyncGenerator {
    return this.values(options);
  }
}
