/** Standard input, output and error: resources without a URL. */
import { CallError } from '../errors.ts';
import type { ByteSink, ByteSource, Platform } from '../types.ts';
import { Resource } from './resource.ts';

const NOTHING = new Uint8Array(0);

/** Standard input. All descriptors share one position; closing one has no effect. */
export class InputResource extends Resource {
  #rest: Uint8Array;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(source: ByteSource) {
    super('standard input');
    if (typeof source === 'string') {
      this.#rest = source === '' ? NOTHING : new TextEncoder().encode(source);
    } else if (source instanceof ReadableStream) {
      this.#rest = NOTHING;
      this.#reader = source.getReader();
    } else {
      this.#rest = source;
    }
  }

  override read(max: number): Uint8Array | null | Promise<Uint8Array | null> {
    if (this.#rest.length > 0) return this.#take(max);
    return this.#reader === undefined ? null : this.#wait(this.#reader, max);
  }

  /** Cancels the source stream, when the run ends. */
  end(): void {
    this.#reader?.cancel().catch(() => {});
  }

  #take(max: number): Uint8Array {
    const chunk = this.#rest.subarray(0, max);
    this.#rest = this.#rest.subarray(max);
    return chunk;
  }

  async #wait(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    max: number,
  ): Promise<Uint8Array | null> {
    for (;;) {
      const { value, done } = await reader.read().catch(() => {
        // For example, the caller disconnected. The guest gets an error code, and the cause is not revealed to it.
        throw new CallError('UnknownError', 'standard input ended early');
      });
      if (done) return null;
      if (value.length === 0) continue;
      this.#rest = value;
      return this.#take(max);
    }
  }
}

/** Standard output or standard error. Closing a descriptor has no effect. */
export class OutputResource extends Resource {
  readonly #sink: ByteSink;
  readonly #copy: Platform['copy'];

  constructor(kind: string, sink: ByteSink, copy: Platform['copy']) {
    super(kind);
    this.#sink = sink;
    this.#copy = copy;
  }

  override write(data: Uint8Array): number | Promise<number> {
    const length = data.length;
    if (length === 0) return 0;
    const taken = this.#sink(this.#copy(data));
    return taken instanceof Promise ? taken.then(() => length) : length;
  }
}
