/**
 * A request and its response as the executor sees them, whether Node's HTTP server or the plain fast path handles the
 * socket.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';

/** The members of a request that the executor reads. Node's `IncomingMessage` has them. */
export interface CallRequest {
  readonly method?: string | undefined;
  /** The request target. */
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Alternating names and values, as received. */
  readonly rawHeaders: readonly string[];
  readonly socket: Socket;
  /** The caller's address, if the socket is not the caller's. */
  readonly remoteAddress?: string;
  /** The body. */
  iterator(options: { readonly destroyOnReturn: boolean }): AsyncIterable<Uint8Array>;
}

/** The members of a response that the executor writes to. Node's `ServerResponse` has them, with the same semantics. */
export interface CallResponse {
  readonly headersSent: boolean;
  readonly destroyed: boolean;
  /** Null once the connection is gone. */
  readonly socket: Socket | null;
  /**
   * False for HTTP/1.0 clients, which support neither chunks nor trailers: a body without a length ends with the
   * connection.
   */
  readonly useChunkedEncodingByDefault: boolean;
  /** Sets a default header; a header of that name passed to `writeHead` replaces it. */
  setHeader(name: string, value: string): unknown;
  /** @param headers alternating names and values */
  writeHead(status: number, reason: string | undefined, headers: string[]): unknown;
  flushHeaders(): void;
  /** Returns false if the socket's buffer is full. */
  write(chunk: Uint8Array): boolean;
  addTrailers(trailers: Record<string, string>): void;
  end(body: Uint8Array | string | undefined, encoding: 'latin1' | 'utf8'): unknown;
  destroy(): unknown;
  on(event: 'drain' | 'close', listener: () => void): unknown;
  off(event: 'drain' | 'close', listener: () => void): unknown;
}
