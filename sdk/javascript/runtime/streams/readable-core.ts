/** The state of a ReadableStream, and its controller. */

export interface Source {
  start?(controller: ReadableController): unknown;
  pull?(controller: ReadableController): unknown;
  cancel?(reason?: unknown): unknown;
}

export interface Strategy {
  readonly highWaterMark?: number;
  size?(chunk: unknown): number;
}

export type ReadResult = { value: unknown; done: false } | { value: undefined; done: true };

interface PendingRead {
  resolve(result: ReadResult): void;
  reject(reason: unknown): void;
}

type State = 'readable' | 'closed' | 'errored';

/** The state shared by a stream and its controller. */
export class ReadableCore {
  state: State = 'readable';
  error: unknown;
  /** Whether a reader holds a lock on it. */
  isLocked = false;
  readonly queue: unknown[] = [];
  readonly reads: PendingRead[] = [];
  readonly closed = Promise.withResolvers<undefined>();
  readonly #source: Source;
  readonly #highWaterMark: number;
  readonly controller: ReadableController;
  #isPulling = false;
  #pullsAgain = false;
  #isStarted = false;
  isClosing = false;

  constructor(source: Source, { highWaterMark = 1 }: Strategy) {
    this.#source = source;
    this.#highWaterMark = highWaterMark;
    this.controller = new ReadableController(this);
    this.closed.promise.catch(() => undefined);
    const started: unknown = source.start?.(this.controller);
    Promise.resolve(started).then(
      () => {
        this.#isStarted = true;
        this.pull();
      },
      (error: unknown) => this.fail(error),
    );
  }

  get desiredSize(): number | null {
    if (this.state === 'errored') return null;
    return this.state === 'closed' ? 0 : this.#highWaterMark - this.queue.length;
  }

  pull(): void {
    const isWanted = this.reads.length > 0 || (this.desiredSize ?? 0) > 0;
    if (!this.#isStarted || !isWanted || this.isClosing || this.state !== 'readable') return;
    if (this.#isPulling) {
      this.#pullsAgain = true;
      return;
    }
    this.#isPulling = true;
    const pulled = (async () => this.#source.pull?.(this.controller))();
    pulled.then(
      () => {
        this.#isPulling = false;
        if (!this.#pullsAgain) return;
        this.#pullsAgain = false;
        this.pull();
      },
      (error: unknown) => this.fail(error),
    );
  }

  read(): Promise<ReadResult> {
    if (this.queue.length > 0) {
      const value = this.queue.shift();
      if (this.isClosing && this.queue.length === 0) this.close();
      else this.pull();
      return Promise.resolve({ value, done: false });
    }
    if (this.state === 'closed') return Promise.resolve({ value: undefined, done: true });
    if (this.state === 'errored') return Promise.reject(this.error);
    return new Promise((resolve, reject) => {
      this.reads.push({ resolve, reject });
      this.pull();
    });
  }

  enqueue(chunk: unknown): void {
    const waiting = this.reads.shift();
    if (waiting === undefined) this.queue.push(chunk);
    else waiting.resolve({ value: chunk, done: false });
    this.pull();
  }

  close(): void {
    if (this.state !== 'readable') return;
    this.state = 'closed';
    for (const { resolve } of this.reads.splice(0)) resolve({ value: undefined, done: true });
    this.closed.resolve(undefined);
  }

  fail(error: unknown): void {
    if (this.state !== 'readable') return;
    this.state = 'errored';
    this.error = error;
    this.queue.length = 0;
    for (const { reject } of this.reads.splice(0)) reject(error);
    this.closed.reject(error);
  }

  async cancel(reason: unknown): Promise<undefined> {
    if (this.state === 'closed') return;
    if (this.state === 'errored') throw this.error;
    this.queue.length = 0;
    this.close();
    await this.#source.cancel?.(reason);
  }
}

export class ReadableController {
  readonly #core: ReadableCore;

  constructor(core: ReadableCore) {
    this.#core = core;
  }

  get desiredSize(): number | null {
    return this.#core.desiredSize;
  }

  enqueue(chunk?: unknown): void {
    const core = this.#core;
    if (core.state !== 'readable' || core.isClosing) {
      throw new TypeError('The stream is closed: nothing more can be enqueued');
    }
    core.enqueue(chunk);
  }

  close(): void {
    const core = this.#core;
    if (core.state !== 'readable' || core.isClosing) {
      throw new TypeError('The stream is closed already');
    }
    if (core.queue.length === 0) core.close();
    else core.isClosing = true;
  }

  error(reason?: unknown): void {
    this.#core.fail(reason);
  }
}
