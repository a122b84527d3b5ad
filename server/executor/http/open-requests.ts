/** Tracks the requests of each Node connection whose responses are not complete. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface OpenRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export class OpenRequests {
  readonly #bySocket = new WeakMap<Socket, Set<OpenRequest>>();

  add(request: IncomingMessage, response: ServerResponse): void {
    const { socket } = request;
    let open = this.#bySocket.get(socket);
    if (open === undefined) {
      open = new Set();
      this.#bySocket.set(socket, open);
    }
    const all = open;
    const added = { request, response };
    all.add(added);
    response.once('close', () => all.delete(added));
  }

  /**
   * Whether bytes written now would be read as part of another response: a response has started, or a complete request
   * still waits for its own.
   */
  isAnswering(socket: Socket): boolean {
    for (const { request, response } of this.#bySocket.get(socket) ?? []) {
      if (response.headersSent || request.complete) return true;
    }
    return false;
  }
}
