/**
 * Sends a guest's reply to the caller.
 *
 * A reply that is complete within one turn of the event loop is sent in one write, with its length and its cost in the
 * headers. A longer one streams, with the cost in trailers. In both cases the last bytes wait until the run is
 * recorded, so that no acknowledged run can be lost.
 *
 * HTTP/1.0 clients get no chunks and no trailers: a streamed body without a length ends with the connection (RFC 9112
 * section 6.3).
 */
import type { ReplyEvents, ReplyHead } from '../../../olin/index.ts';
import { writeChunk } from '../../../olin/platform/node-http.ts';
import type { CallResponse } from './exchange.ts';
import { EXECUTION_HEADER, GAS_HEADER } from './send-run-problem.ts';
import { guestsOwn } from './reply-headers.ts';

/** Bytes buffered until the next turn of the event loop. */
const MAX_BUFFERED_BYTES = 65_536;
/** A body up to this size is sent as Latin-1 text in one write with the head, which costs much less than two writes. */
const MAX_TEXT_BYTES = 8192;

export interface RunCost {
  readonly gas: number;
  /** The value of the Server-Timing header. */
  readonly timing: string;
}

export class ReplyWriter implements ReplyEvents {
  readonly #response: CallResponse;
  readonly #executionId: string;
  #head: ReplyHead | undefined;
  #buffered: Uint8Array[] = [];
  #bufferedBytes = 0;
  #expectedBytes: number | undefined;
  #bytes = 0;
  /** The last chunk of a reply with a known length, held back until the run ends. */
  #last: Uint8Array | undefined;
  #immediate: NodeJS.Immediate | undefined;
  /** An error thrown outside the run; rethrown when the reply ends. */
  #failure: { readonly error: unknown } | undefined;

  constructor(response: CallResponse, executionId: string) {
    this.#response = response;
    this.#executionId = executionId;
  }

  /** The status sent or about to be sent. */
  get status(): number | undefined {
    return this.#head?.status;
  }

  onHead(head: ReplyHead): void {
    this.#head = head;
    const length = head.fields.find(({ name }) => name.toLowerCase() === 'content-length')?.value;
    if (length !== undefined && head.hasBody) this.#expectedBytes = Number(length);
    this.#immediate = setImmediate(this.#beginLater);
  }

  onBody(chunk: Uint8Array): void | Promise<void> {
    this.#bytes += chunk.length;
    if (!this.#response.headersSent) {
      this.#buffered.push(chunk);
      this.#bufferedBytes += chunk.length;
      if (this.#bufferedBytes > MAX_BUFFERED_BYTES) return this.#begin();
      return;
    }
    if (this.#bytes === this.#expectedBytes) {
      this.#last = chunk;
      return;
    }
    return writeChunk(this.#response, chunk);
  }

  /** Stops streaming from starting: the guest has ended, and {@link finish} sends the rest. */
  hold(): void {
    clearImmediate(this.#immediate);
  }

  /** Ends a complete reply; call it once the run is recorded. Throws if the reply could not be started. */
  finish(cost: RunCost): void {
    this.#throwFailure();
    const response = this.#response;
    const head = this.#head;
    if (head === undefined || response.destroyed) return;
    if (response.headersSent) {
      if (response.useChunkedEncodingByDefault) {
        response.addTrailers({ [GAS_HEADER]: String(cost.gas), 'Server-Timing': cost.timing });
      }
      response.end(this.#last, 'utf8');
      return;
    }
    const headers = this.#headersOf(head);
    headers.push(GAS_HEADER, String(cost.gas), 'Server-Timing', cost.timing);
    if (head.hasBody && this.#expectedBytes === undefined) {
      headers.push('Content-Length', String(this.#bytes));
    }
    response.writeHead(head.status, head.reason === '' ? undefined : head.reason, headers);
    if (this.#bufferedBytes > MAX_TEXT_BYTES) response.end(Buffer.concat(this.#buffered), 'utf8');
    else response.end(this.#buffered.map(toCharacters).join(''), 'latin1');
  }

  /**
   * Aborts the reply so that the caller sees it as incomplete. Returns false if nothing was sent. Throws if the reply
   * could not be started.
   */
  breakOff(): boolean {
    this.#throwFailure();
    if (!this.#response.headersSent) return false;
    breakOff(this.#response);
    return true;
  }

  /** An error here would be uncaught and end the process. */
  readonly #beginLater = (): void => {
    try {
      void this.#begin();
    } catch (error) {
      this.#failure = { error };
      // This stops the guest, as a disconnecting caller would.
      this.#response.destroy();
    }
  };

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Sends the head and the buffered body while the guest still runs. */
  #begin(): void | Promise<void> {
    clearImmediate(this.#immediate);
    const head = this.#head;
    if (head === undefined || this.#response.headersSent || this.#response.destroyed) return;
    const headers = this.#headersOf(head);
    const isChunked = head.hasBody && this.#expectedBytes === undefined;
    if (isChunked && this.#response.useChunkedEncodingByDefault)
      headers.push('Trailer', `${GAS_HEADER}, Server-Timing`);
    this.#response.writeHead(head.status, head.reason === '' ? undefined : head.reason, headers);
    const waiting = this.#buffered.splice(0);
    if (this.#bytes === this.#expectedBytes) this.#last = waiting.pop();
    if (waiting.length === 0) this.#response.flushHeaders();
    else return writeChunk(this.#response, Buffer.concat(waiting));
  }

  #headersOf(head: ReplyHead): string[] {
    const headers: string[] = [];
    let hasDate = false;
    for (const { name, value } of head.fields) {
      const lower = name.toLowerCase();
      const isSecondDate = lower === 'date' && hasDate;
      if (lower === 'date') hasDate = true;
      const own = isSecondDate ? undefined : guestsOwn(lower, value);
      if (own !== undefined) headers.push(name, own);
    }
    headers.push(EXECUTION_HEADER, this.#executionId);
    return headers;
  }
}

/** Aborts a reply whose head was sent, so that the caller sees it as incomplete. */
export function breakOff(response: CallResponse): void {
  // If the end of the connection delimits the body, a normal close would mark it complete, so the connection is reset.
  if (!response.useChunkedEncodingByDefault) response.socket?.resetAndDestroy();
  response.destroy();
}

function toCharacters(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
