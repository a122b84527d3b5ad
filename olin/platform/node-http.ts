/**
 * Converts Node's HTTP messages to what the runtime takes and gives: headers as pairs, bodies as web streams, and
 * writes that wait for a slow reader. Types name only the members that are used, so that other implementations fit as
 * well.
 */

/**
 * Yields headers in order, repeats included, from Node's alternating names and values.
 * @param change returns the value to yield in place of the received one, or undefined to omit the header
 */
export function* headerPairs(
  rawHeaders: readonly string[],
  change: (name: string, value: string) => string | undefined = keepValue,
): Generator<[name: string, value: string]> {
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    const value = change(name, rawHeaders[at + 1] ?? '');
    if (value !== undefined) yield [name, value];
  }
}

const keepValue = (_name: string, value: string): string => value;

/** The members of `IncomingMessage` that concern its body. */
export interface BodySource {
  readonly headers: {
    readonly 'content-length'?: string | undefined;
    readonly 'transfer-encoding'?: string | undefined;
  };
  iterator(options: { readonly destroyOnReturn: boolean }): AsyncIterable<Uint8Array>;
}

/**
 * Returns the body, read on demand; null if the request has none.
 * @param onChunk called with each chunk that is read
 */
export function bodyStream(
  source: BodySource,
  onChunk?: (chunk: Uint8Array) => void,
): ReadableStream<Uint8Array> | null {
  const { 'content-length': length, 'transfer-encoding': coding } = source.headers;
  if (coding === undefined && (length === undefined || length === '0')) return null;
  // A body that the guest leaves unread must not destroy the connection.
  const chunks = source.iterator({ destroyOnReturn: false });
  return streamFrom(onChunk === undefined ? chunks : watch(chunks, onChunk));
}

async function* watch(
  chunks: AsyncIterable<Uint8Array>,
  onChunk: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    onChunk(chunk);
    yield chunk;
  }
}

/** The members of `Writable` that concern back-pressure. */
export interface Drainable {
  readonly destroyed: boolean;
  on(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
}

/** Writes a chunk. Returns a promise if the stream's buffer is full; it resolves when the stream drains or closes. */
export function writeChunk<Chunk>(
  to: Drainable & { write(chunk: Chunk): boolean },
  chunk: Chunk,
): void | Promise<void> {
  if (!to.destroyed && !to.write(chunk)) return drained(to);
}

/** Resolves when the stream drains or closes. */
function drained(to: Drainable): Promise<void> {
  if (to.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      to.off('drain', done);
      to.off('close', done);
      resolve();
    };
    to.on('drain', done);
    to.on('close', done);
  });
}

/** Converts a Node stream to a web stream that reads on demand, so that a slow reader slows the source. */
export function streamFrom(source: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  return new ReadableStream(
    {
      async pull(controller) {
        const { value, done } = await chunks.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
