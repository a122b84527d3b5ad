/** What a process does for its supervisor, where it has one: says that it listens, and that it still lives. */
import cluster, { type Worker } from 'node:cluster';
import { flushCompileCache } from 'node:module';
import { ask, ignoreLoss, isMessage } from './process-messages.ts';

/** What a process says when it listens. */
export const LISTENING = 'trisiel-listening';

export function tellListening(): void {
  if (!cluster.isWorker) return;
  process.on('message', (message: unknown) => {
    if (isMessage(message, 'trisiel-alive')) process.send?.(message, ignoreLoss);
  });
  process.send?.(LISTENING);
  // It would be written when the process ends, which one that is killed never does.
  flushCompileCache();
}

const EVERY_MS = 5000;
/** Far longer than a busy process takes for a round of its event loop. */
const PATIENCE_MS = 30_000;

/**
 * Settles when a process that listens has not answered for too long: `true`, or has ended: `false`. The kernel goes on
 * giving its share of connections to one that hangs.
 */
export async function waitUntilHung(
  worker: Worker,
  { everyMs = EVERY_MS, patienceMs = PATIENCE_MS } = {},
): Promise<boolean> {
  while (worker.isConnected()) {
    if ((await ask(worker, 'trisiel-alive', patienceMs)) === undefined) return worker.isConnected();
    await new Promise((resolve) => setTimeout(resolve, everyMs).unref());
  }
  return false;
}
