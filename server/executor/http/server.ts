/**
 * The run origin's server: Node's, and before it a plain way for what most callers send. Node's request and response
 * cost more than all else of a short run does; a plain request needs neither. What is not plain goes to Node, and the rest
 * of its connection with it.
 *
 * Nothing that a connection sends may end the process: each callback of Node's that a request can reach is guarded here.
 */
import { Server, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { OpenRequests } from './open-requests.ts';
import { PlainConnection } from './plain/plain-connection.ts';
import type { PlainReply } from './plain/plain-reply.ts';
import type { PlainRequest } from './plain/plain-request.ts';

/** A request's head may take so long to come in, and its body so long. */
const HEAD_MS = 20_000;
const REQUEST_MS = 120_000;
/** Longer than a proxy in front keeps its connections. */
const IDLE_MS = 75_000;
/** Between looks at plain connections for late ones. */
const LOOK_MS = 5000;

export interface RunServerOptions {
  /** Answers a plain request. False, with nothing done: Node is to have it. */
  readonly onPlain: (request: PlainRequest, reply: PlainReply) => boolean;
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
        // A request with two lengths, or a bare line feed, is two requests to some and one to others: it is refused.
        insecureHTTPParser: false,
        requireHostHeader: true,
      },
      (request, response) => {
        // RFC 9112 section 6.1: an HTTP/1.0 caller is sent no transfer coding, not even if it says that it knows chunks.
        if (isOlder(request)) response.useChunkedEncodingByDefault = false;
        // A write that is late for its connection is no error of the process.
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
    const nodes = this.listeners('connection');
    this.removeAllListeners('connection');
    const handOver = (socket: Socket): void => {
      for (const listener of nodes) Reflect.apply(listener, this, [socket]);
    };
    const onClose = (connection: PlainConnection): void => void this.#plain.delete(connection);
    this.on('connection', (socket: Socket) => {
      const idleSeconds = IDLE_MS / 1000;
      this.#plain.add(
        new PlainConnection({ socket, idleSeconds, answer: onPlain, handOver, onClose }),
      );
    });
    const looking = setInterval(() => {
      const nowMs = performance.now();
      for (const each of this.#plain) each.closeIfLate(nowMs, HEAD_MS, IDLE_MS);
    }, LOOK_MS).unref();
    this.on('close', () => clearInterval(looking));
  }

  /** Whether bytes sent to this connection now would be taken for a part, or the whole, of the answer to another request. */
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

function isOlder({ httpVersionMajor, httpVersionMinor }: IncomingMessage): boolean {
  return httpVersionMajor < 1 || httpVersionMinor < 1;
}

function ignore(): void {}
