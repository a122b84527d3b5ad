/**
 * The way of a guest's reply to the caller.
 *
 * A reply that is whole before the event loop comes round goes out in one piece, with its length and its bill in the
 * head. A longer one streams: what it used is told in trailers. In both cases the last of it waits until the run is on
 * record, so that no run is acknowledged that could be forgotten.
 *
 * A caller of HTTP/1.0 is sent no chunks and no trailers: a streamed body without a length ends with the connection
 * (RFC 9112 section 6.3).
 */
import type { ReplyEvents, ReplyHead } from '../../../olin/index.ts';
import type { CallReply } from './exchange.ts';
import { EXECUTION_HEADER, GAS_HEADER } from './send-run-problem.ts';
import { guestsOwn } from './reply-headers.ts';

/** Bytes that wait for the event loop to come round. */
const MAX_WAITING_BYTES = 65_536;
/** A short body goes out as text, one character a byte: in one piece with the head, which costs much less than two. */
const MAX_TEXT_BYTES = 8192;

export interface RunCost {
  readonly gas: number;
  /** As a Server-Timing header has it. */
  readonly timing: string;
}

export class ReplyWriter implements ReplyEvents {
  readonly #response: CallReply;
  readonly #executionId: string;
  #head: ReplyHead | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #expectedBytes: number | undefined;
  #bytes = 0;
  /** The last piece of a reply whose length is known, while the run goes on. */
  #last: Uint8Array | undefined;
  #round: NodeJS.Immediate | undefined;
  /** What was thrown outside of the run; thrown again at the reply's end. */
  #failure: { readonly error: unknown } | undefined;

  constructor(response: CallReply, executionId: string) {
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
    this.#round = setImmediate(this.#beginLater);
  }

  onBody(chunk: Uint8Array): void | Promise<void> {
    this.#bytes += chunk.length;
    if (!this.#response.headersSent) {
      this.#waiting.push(chunk);
      this.#waitingBytes += chunk.length;
      if (this.#waitingBytes > MAX_WAITING_BYTES) return this.#begin();
      return;
    }
    if (this.#bytes === this.#expectedBytes) {
      this.#last = chunk;
      return;
    }
    return this.#write(chunk);
  }

  /** The guest has ended: what is there needs no other way than {@link finish}'s. */
  hold(): void {
    clearImmediate(this.#round);
  }

  /** Ends a whole reply. To be called when the run is on record. Throws if the reply could not be begun. */
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
    if (this.#waitingBytes > MAX_TEXT_BYTES) response.end(Buffer.concat(this.#waiting), 'utf8');
    else response.end(this.#waiting.map(toCharacters).join(''), 'latin1');
  }

  /**
   * Breaks the reply off, so that nobody takes it for whole. False if nothing of it was sent. Throws if the reply could
   * not be begun.
   */
  breakOff(): boolean {
    this.#throwFailure();
    if (!this.#response.headersSent) return false;
    breakOff(this.#response);
    return true;
  }

  /** Nobody waits for this call, so that what it throws would end the process. */
  readonly #beginLater = (): void => {
    try {
      void this.#begin();
    } catch (error) {
      this.#failure = { error };
      // The guest is stopped by this, as by a caller who hangs up.
      this.#response.destroy();
    }
  };

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Sends the head and what waits, while the guest still runs. */
  #begin(): void | Promise<void> {
    clearImmediate(this.#round);
    const head = this.#head;
    if (head === undefined || this.#response.headersSent || this.#response.destroyed) return;
    const headers = this.#headersOf(head);
    const isChunked = head.hasBody && this.#expectedBytes === undefined;
    if (isChunked && this.#response.useChunkedEncodingByDefault)
      headers.push('Trailer', `${GAS_HEADER}, Server-Timing`);
    this.#response.writeHead(head.status, head.reason === '' ? undefined : head.reason, headers);
    const waiting = this.#waiting.splice(0);
    if (this.#bytes === this.#expectedBytes) this.#last = waiting.pop();
    if (waiting.length === 0) this.#response.flushHeaders();
    else return this.#write(Buffer.concat(waiting));
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

  /** Writes; the guest waits while the caller is behind. */
  #write(chunk: Uint8Array): void | Promise<void> {
    const response = this.#response;
    if (response.destroyed || response.write(chunk)) return;
    return new Promise((resolve) => {
      const done = (): void => {
        response.off('drain', done);
        response.off('close', done);
        resolve();
      };
      response.on('drain', done);
      response.on('close', done);
    });
  }
}

/** Breaks off a reply whose head is out, so that nobody takes it for whole. */
export function breakOff(response: CallReply): void {
  // Where the connection's end is the body's, an orderly end would say that the body is whole: it is reset.
  if (!response.useChunkedEncodingByDefault) response.socket?.resetAndDestroy();
  response.destroy();
}

function toCharacters(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
