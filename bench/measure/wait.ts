/** Waits until a program listens on a port. */
import { connect } from 'node:net';

const PATIENCE_MS = 60_000;

export async function waitForPort(port: number): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (!(await isOpen(port))) {
    if (performance.now() > until) throw new Error(`Nothing listens on port ${port}.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
