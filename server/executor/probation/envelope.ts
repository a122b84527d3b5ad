/**
 * How a call goes from a guest process to a probation process: an HTTP request over a Unix socket, whose one header of
 * ours holds the head of the call as it came; and back: a response whose header holds the head of the reply.
 *
 * The heads are not sent as heads of their own. What the guest sees and what its caller gets is then the same as without
 * the step between, whatever HTTP says of a status, a header of the connection, or HEAD; and no caller can set what only
 * a guest process may say, such as the caller's address.
 */
import type { IncomingHttpHeaders } from 'node:http';

export const CALL_HEADER = 'trisiel-call';
export const REPLY_HEADER = 'trisiel-reply';

/** Of the header that holds either head: one that a caller or a guest sends has at most 64 KiB. */
export const MAX_ENVELOPE_BYTES = 512 * 1024;

/** The head of a call. */
export interface CallHead {
  readonly handlerName: string;
  readonly scriptName: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly remoteAddress: string;
  /** Whether the caller reads chunks and trailers: HTTP/1.1. */
  readonly readsChunks: boolean;
}

/** The head of a reply, as `writeHead` takes it. */
export interface ReplyHead {
  readonly status: number;
  readonly reason?: string | undefined;
  readonly headers: string[];
}

export function encodeHead(head: CallHead | ReplyHead): string {
  return Buffer.from(JSON.stringify(head)).toString('base64');
}

/** @param text of a process of this server: its shape is not checked */
export function decodeHead<Head extends CallHead | ReplyHead>(text: string): Head {
  const head: Head = JSON.parse(Buffer.from(text, 'base64').toString());
  return head;
}
