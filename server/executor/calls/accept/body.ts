/** Reads the bodies of asynchronous calls. A call is accepted only when its body is complete. */
import { ProblemError } from '../../../problems/problems.ts';
import type { CallRequest } from '../../http/exchange.ts';

/** Limit per body; it is stored until the call has run. */
const BODY_BYTES = 1024 * 1024;
/** Limit for all bodies that a process is receiving: slow senders on many connections cannot use more of its memory. */
const ALL_BYTES = 256 * 1024 * 1024;

export class Bodies {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes = ALL_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Reads a request's body and passes it to `take`; its bytes count against the limit until `take` settles. Throws
   * `too-large` and `executor-full` problems.
   */
  async using<T>(
    request: Pick<CallRequest, 'iterator'>,
    take: (body: Buffer) => Promise<T>,
  ): Promise<T> {
    const chunks: Buffer[] = [];
    let length = 0;
    try {
      for await (const chunk of whole(request)) {
        const bytes = Buffer.from(chunk);
        length += bytes.length;
        this.#bytes += bytes.length;
        this.#check(length);
        chunks.push(bytes);
      }
      return await take(Buffer.concat(chunks));
    } finally {
      this.#bytes -= length;
    }
  }

  #check(length: number): void {
    if (length > BODY_BYTES) {
      throw new ProblemError(
        'too-large',
        `The body of an asynchronous call may have ${BODY_BYTES} bytes. Send less, or call without Prefer: respond-async.`,
        { headers: { connection: 'close' } },
      );
    }
    if (this.#bytes > this.#maxBytes) {
      throw new ProblemError(
        'executor-full',
        'The executor has no memory for more bodies of asynchronous calls. Try again in a moment.',
        { headers: { connection: 'close', 'retry-after': '1' } },
      );
    }
  }
}

/** A caller that disconnects is not an error of the server, so that callers cannot fill its log with errors. */
async function* whole(request: Pick<CallRequest, 'iterator'>): AsyncGenerator<Uint8Array> {
  try {
    yield* request.iterator({ destroyOnReturn: false });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ECONNRESET')) throw error;
    throw new ProblemError('invalid-request', 'The request body ended early. Send it again.');
  }
}
