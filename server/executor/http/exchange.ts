/** A call as the executor sees it, whoever read it from the socket and writes to it: Node, or the plain way beside it. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

/** What is read of a request. Node's own is one. */
export interface CallRequest {
  readonly method?: string | undefined;
  /** The target, as in the first line. */
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly socket: Socket;
  /** The caller's address, if the socket is not the caller's. */
  readonly remoteAddress?: string;
  /** The body. */
  iterator(options: { readonly destroyOnReturn: boolean }): AsyncIterable<Uint8Array>;
}

/** Where a reply goes. Node's own response is one; the methods do what its do. */
export interface CallReply {
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  /** Null once the connection is gone. */
  readonly socket: Socket | null;
  /** False for an HTTP/1.0 caller: it reads neither chunks nor trailers, and a body without a length ends with the connection. */
  readonly useChunkedEncodingByDefault: boolean;
  /** For each reply; a header of that name in the head takes its place. */
  setHeader(name: string, value: string): unknown;
  /** @param headers names and values in turn */
  writeHead(status: number, reason: string | undefined, headers: string[]): unknown;
  flushHeaders(): void;
  /** False where the caller is behind. */
  write(chunk: Uint8Array): boolean;
  addTrailers(trailers: Record<string, string>): void;
  end(body: Uint8Array | string | undefined, encoding: 'latin1' | 'utf8'): unknown;
  destroy(): unknown;
  on(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
}
