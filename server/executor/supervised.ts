/** What a process does for its supervisor, where it has one: says that it listens, and that it still lives. */
import cluster, { type Worker } from 'node:cluster';
import { flushCompileCache } from 'node:module';
import { isHung, PATIENCE } from '../process/watchdog.ts';
import { ask, ignoreLoss, isMessage } from './process-messages.ts';

/** What a process says when it listens. */
export const LISTENING = 'trisiel-listening';

export function tellListening(): void {
  if (!cluster.isWorker) return;
  process.on('message', (message: unknown) => {
    if (isMessage(message, 'trisiel-alive')) process.send?.(message, ignoreLoss);
  });
  process.send?.(LISTENING, ignoreLoss);
  // It would be written when the process ends, which one that is killed never does.
  flushCompileCache();
}

const EVERY_MS = 5000;
/** Longer than any patience of the watchdog, which decides. */
const ANSWER_MS = 3_600_000;

/**
 * Settles when a process that listens hangs: `true`, or has ended: `false`. The kernel goes on giving its share of
 * connections to one that hangs.
 */
export async function waitUntilHung(
  worker: Worker,
  { everyMs = EVERY_MS, patience = PATIENCE } = {},
): Promise<boolean> {
  while (worker.isConnected() && worker.process.pid !== undefined) {
    const answered = ask(worker, 'trisiel-alive', ANSWER_MS);
    if (await isHung(worker.process.pid, answered, patience)) return worker.isConnected();
    await new Promise((resolve) => setTimeout(resolve, everyMs).unref());
  }
  return false;
}
