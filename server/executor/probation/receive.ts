/** The HTTP server of a probation process: converts forwarded requests back into calls and their replies. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { CallResponse, CallRequest } from '../http/exchange.ts';
import type { Target } from '../http/target.ts';
import {
  CALL_HEADER,
  decodeCallHead,
  encodeHead,
  MAX_ENVELOPE_BYTES,
  REPLY_HEADER,
  type CallHead,
} from './envelope.ts';

export interface ReceiverOptions {
  /** Runs a forwarded call. Never rejects. */
  readonly onCall: (target: Target, request: CallRequest, reply: CallResponse) => Promise<void>;
  /** Answers other requests: see `attempts.ts`. */
  readonly onOther: (request: IncomingMessage, response: ServerResponse) => void;
}

export function createReceiver({ onCall, onOther }: ReceiverOptions): Server {
  return createServer(
    {
      maxHeaderSize: MAX_ENVELOPE_BYTES,
      // The executor process enforces timeouts on callers' bodies.
      requestTimeout: 0,
      // A reply may come long after its request.
      keepAliveTimeout: 0,
    },
    (request, response) => {
      const head = request.headers[CALL_HEADER];
      if (typeof head !== 'string') {
        onOther(request, response);
        return;
      }
      response.on('error', () => undefined);
      const call = new ForwardedRequest(request, decodeCallHead(head));
      void onCall(call.target, call, new ForwardedResponse(response, call.head.readsChunks));
    },
  );
}

class ForwardedRequest implements CallRequest {
  readonly head: CallHead;
  readonly #request: IncomingMessage;

  constructor(request: IncomingMessage, head: CallHead) {
    this.head = head;
    this.#request = request;
  }

  get target(): Target {
    return { name: this.head.handlerName, scriptName: this.head.scriptName };
  }
  get method(): string {
    return this.head.method;
  }
  get url(): string {
    return this.head.url;
  }
  get headers(): CallHead['headers'] {
    return this.head.headers;
  }
  get rawHeaders(): readonly string[] {
    return this.head.rawHeaders;
  }
  get remoteAddress(): string {
    return this.head.remoteAddress;
  }
  /** The socket between the processes. It closes when the caller disconnects. */
  get socket(): Socket {
    return this.#request.socket;
  }
  iterator(options: { readonly destroyOnReturn: boolean }): AsyncIterable<Uint8Array> {
    return this.#request.iterator(options);
  }
}

class ForwardedResponse implements CallResponse {
  readonly #response: ServerResponse;
  readonly useChunkedEncodingByDefault: boolean;
  readonly #preset = new Map<string, string>();

  constructor(response: ServerResponse, readsChunks: boolean) {
    this.#response = response;
    this.useChunkedEncodingByDefault = readsChunks;
  }

  get headersSent(): boolean {
    return this.#response.headersSent;
  }
  get destroyed(): boolean {
    return this.#response.destroyed;
  }
  get socket(): Socket | null {
    return this.#response.socket;
  }
  setHeader(name: string, value: string): void {
    this.#preset.set(name, value);
  }
  writeHead(status: number, reason: string | undefined, headers: string[]): void {
    const own = new Set(headers.filter((_, i) => i % 2 === 0).map((name) => name.toLowerCase()));
    const preset = Array.from(this.#preset).filter(([name]) => !own.has(name.toLowerCase()));
    const head = { status, reason, headers: [...headers, ...preset.flat()] };
    this.#response.writeHead(200, [REPLY_HEADER, encodeHead(head)]);
  }
  flushHeaders(): void {
    this.#response.flushHeaders();
  }
  write(chunk: Uint8Array): boolean {
    return this.#response.write(chunk);
  }
  addTrailers(trailers: Record<string, string>): void {
    this.#response.addTrailers(trailers);
  }
  end(body: Uint8Array | string | undefined, encoding: 'latin1' | 'utf8'): void {
    this.#response.end(body, encoding);
  }
  destroy(): void {
    this.#response.destroy();
  }
  on(event: 'drain' | 'close', listener: () => void): void {
    this.#response.on(event, listener);
  }
  off(event: 'drain' | 'close', listener: () => void): void {
    this.#response.off(event, listener);
  }
}
