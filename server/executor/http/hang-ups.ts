/**
 * Stops runs whose caller disconnects. There is one listener per connection: one per request would cost more than the
 * rest of this module.
 */
import type { Socket } from 'node:net';
import type { Stopper } from '../../../olin/index.ts';

/** Running guests by connection; pipelined requests make several. */
const running = new WeakMap<Socket, Set<Stopper>>();

/** Stops the run if the connection closes before {@link endWatch}. */
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
