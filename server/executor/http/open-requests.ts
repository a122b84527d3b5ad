/** The requests of each connection that Node reads and whose answers are not complete. */
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
   * Whether bytes written now would be taken for something else than the answer to what came last: a reply has begun, or
   * a request that was read whole still waits for its own.
   */
  isAnswering(socket: Socket): boolean {
    for (const { request, response } of this.#bySocket.get(socket) ?? []) {
      if (response.headersSent || request.complete) return true;
    }
    return false;
  }
}
