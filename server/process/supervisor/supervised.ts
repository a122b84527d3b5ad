/** The part of a process that talks to its supervisor: it reports that it listens, and answers whether it is alive. */
import type { ChildProcess } from 'node:child_process';
import { flushCompileCache } from 'node:module';
import { ask, ignoreLoss, isMessage, supervisorOf } from './messages.ts';
import { isHung, PATIENCE } from './watchdog.ts';

/** The message that a process sends when it listens. */
export const LISTENING = 'trisiel-listening';

export function reportListening(): void {
  const supervisor = supervisorOf(process);
  if (supervisor === undefined) return;
  supervisor.on('message', (message: unknown) => {
    if (isMessage(message, 'trisiel-alive')) supervisor.send(message, ignoreLoss);
  });
  supervisor.send(LISTENING, ignoreLoss);
  // Node writes it at exit, which a killed process never reaches.
  flushCompileCache();
}

/** Longer than a process waits for its replacement (`last-resort.ts`). */
const REPLACE_MS = 60_000;

/**
 * Asks the supervisor to start a replacement of this process. Resolves when it listens, or at once without a
 * supervisor.
 */
export async function askForReplacement(): Promise<void> {
  const supervisor = supervisorOf(process);
  if (supervisor !== undefined) await ask(supervisor, 'trisiel-replace', REPLACE_MS);
}

const EVERY_MS = 5000;
/** Longer than any time limit of the watchdog, which decides. */
const ANSWER_MS = 3_600_000;

/**
 * Resolves with true if a listening process hangs, with false if it ended. The kernel continues to give a hung process
 * its share of connections.
 */
export async function waitUntilHung(
  child: ChildProcess,
  { everyMs = EVERY_MS, patience = PATIENCE } = {},
): Promise<boolean> {
  while (child.connected && child.pid !== undefined) {
    const answered = ask(child, 'trisiel-alive', ANSWER_MS);
    if (await isHung(child.pid, answered, patience)) return child.connected;
    await new Promise((resolve) => setTimeout(resolve, everyMs).unref());
  }
  return false;
}
