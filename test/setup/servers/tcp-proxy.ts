/** A TCP proxy between a server and its database, which can simulate failures of the network. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { atEnd } from '../at-end.ts';

export interface TcpProxy {
  readonly port: number;
  /** From now on nothing passes in either direction, but connections stay open. */
  swallow(): void;
  /** New connections work again; existing ones stay blocked. */
  pass(): void;
  /** Ends every connection with a reset. */
  reset(): void;
}

/** Listens on a loopback port until the test ends. */
export async function startTcpProxy(t: TestContext, target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isSwallowing = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    if (isSwallowing) {
      near.resume();
      return;
    }
    const far = connect(target, '127.0.0.1');
    keep(far);
    near.pipe(far);
    far.pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const reset = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  atEnd(t, async () => {
    reset();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    swallow() {
      isSwallowing = true;
      for (const socket of sockets) {
        socket.unpipe();
        socket.resume();
      }
    },
    pass() {
      isSwallowing = false;
    },
    reset,
  };
}
