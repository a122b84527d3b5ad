/**
 * The format of forwarded calls. A call goes from an executor process to a probation process as an HTTP request over a Unix
 * socket, with the head of the original request in one header; the response carries the head of the reply in the same
 * way.
 *
 * The heads are not sent as HTTP heads. So forwarding does not change anything that the guest or its caller sees,
 * whatever HTTP prescribes for a status, a connection header, or HEAD. And callers cannot set fields that are reserved
 * for executor processes, such as the caller's address.
 */
import type { IncomingHttpHeaders } from 'node:http';

export const CALL_HEADER = 'trisiel-call';
export const REPLY_HEADER = 'trisiel-reply';

/** Limit of the header that holds either head; a caller or guest sends at most 64 KiB. */
export const MAX_ENVELOPE_BYTES = 512 * 1024;

/** The head of a forwarded request. */
export interface CallHead {
  readonly handlerName: string;
  readonly scriptName: string;
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly remoteAddress: string;
  /** Whether the caller supports chunks and trailers (HTTP/1.1). */
  readonly readsChunks: boolean;
}

/** The head of a reply: the arguments of `writeHead`. */
export interface ForwardedHead {
  readonly status: number;
  readonly reason?: string | undefined;
  readonly headers: string[];
}

export function encodeHead(head: CallHead | ForwardedHead): string {
  return Buffer.from(JSON.stringify(head)).toString('base64');
}

/** Decodes the head of a call, sent by another process of this server; its shape is not checked. */
export function decodeCallHead(text: string): CallHead {
  return JSON.parse(Buffer.from(text, 'base64').toString());
}

/** The same for the head of a reply. */
export function decodeForwardedHead(text: string): ForwardedHead {
  return JSON.parse(Buffer.from(text, 'base64').toString());
}
