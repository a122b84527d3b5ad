/**
 * The run origin's server: Node's HTTP server, with a fast path for plain requests. Node's request and response objects
 * cost more than everything else in a short run. A request that is not plain, and the rest of its connection, goes to
 * Node.
 *
 * No input may end the process: every callback that a request can reach is guarded here.
 */
import { Server, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { OpenRequests } from './open-requests.ts';
import { PlainConnection } from './plain/plain-connection.ts';
import type { PlainResponse } from './plain/plain-response.ts';
import type { PlainRequest } from './plain/plain-request.ts';

/** Timeouts for receiving the headers and the whole request. */
const HEAD_MS = 20_000;
const REQUEST_MS = 120_000;
/** Longer than a proxy in front keeps its idle connections. */
const IDLE_MS = 75_000;
/** Interval of the timeout check of plain connections. */
const TIMEOUT_CHECK_MS = 5000;

export interface RunServerOptions {
  /** Answers a plain request. Returns false, having done nothing, if Node must handle it. */
  readonly onPlain: (request: PlainRequest, response: PlainResponse) => boolean;
  readonly onRequest: (request: IncomingMessage, response: ServerResponse) => void;
}

export class RunServer extends Server {
  readonly #plain = new Set<PlainConnection>();
  readonly #open: OpenRequests;

  constructor({ onPlain, onRequest }: RunServerOptions) {
    const open = new OpenRequests();
    super(
      {
        headersTimeout: HEAD_MS,
        requestTimeout: REQUEST_MS,
        keepAliveTimeout: IDLE_MS,
        // Requests with two lengths or a bare line feed allow request smuggling, so they are refused.
        insecureHTTPParser: false,
        requireHostHeader: true,
      },
      (request, response) => {
        // RFC 9112 section 6.1: no transfer coding for HTTP/1.0 clients, even if they claim to support it.
        if (isBeforeHttp11(request)) response.useChunkedEncodingByDefault = false;
        // A write after the connection closed must not become an uncaught error.
        response.on('error', ignore);
        open.add(request, response);
        try {
          onRequest(request, response);
        } catch {
          response.destroy();
        }
      },
    );
    this.#open = open;
    const nodeListeners = this.listeners('connection');
    this.removeAllListeners('connection');
    const handOver = (socket: Socket): void => {
      for (const listener of nodeListeners) Reflect.apply(listener, this, [socket]);
    };
    const onClose = (connection: PlainConnection): void => void this.#plain.delete(connection);
    this.on('connection', (socket: Socket) => {
      const idleSeconds = IDLE_MS / 1000;
      this.#plain.add(
        new PlainConnection({ socket, idleSeconds, answer: onPlain, handOver, onClose }),
      );
    });
    const timer = setInterval(() => {
      const nowMs = performance.now();
      for (const each of this.#plain) each.closeIfLate(nowMs, HEAD_MS, IDLE_MS);
    }, TIMEOUT_CHECK_MS).unref();
    this.on('close', () => clearInterval(timer));
  }

  /** Whether bytes sent on this connection now would be read as part of another response. */
  isAnswering(socket: Socket): boolean {
    return this.#open.isAnswering(socket);
  }

  override closeIdleConnections(): void {
    super.closeIdleConnections();
    for (const each of this.#plain) each.closeIfIdle();
  }

  override closeAllConnections(): void {
    super.closeAllConnections();
    for (const each of this.#plain) each.close();
  }
}

function isBeforeHttp11({ httpVersionMajor, httpVersionMinor }: IncomingMessage): boolean {
  return httpVersionMajor < 1 || httpVersionMinor < 1;
}

function ignore(): void {}
