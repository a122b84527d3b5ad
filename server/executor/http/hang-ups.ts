/** Stops runs whose caller hangs up. One listener a connection: one a request would cost more than the rest of this. */
import type { Socket } from 'node:net';
import type { Stopper } from '../../../olin/index.ts';

/** The runs under way of each connection; pipelined requests make several. */
const running = new WeakMap<Socket, Set<Stopper>>();

/** Has the run stopped where the connection closes before {@link endWatch}. */
export function watchHangUp(socket: Socket, run: Stopper): void {
  const known = running.get(socket);
  if (known !== undefined) {
    known.add(run);
  } else {
    const runs = new Set([run]);
    running.set(socket, runs);
    socket.once('close', () => {
      for (const each of runs) each.abort();
    });
  }
  if (socket.destroyed) run.abort();
}

export function endWatch(socket: Socket, run: Stopper): void {
  running.get(socket)?.delete(run);
}
