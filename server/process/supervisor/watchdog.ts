/**
 * Tells a process that hangs from one that gets no CPU.
 *
 * Time on the wall condemns the innocent: on a starved machine a good process answers late. So the patience is in CPU
 * time of the main thread, which runs the event loop, and time on the wall counts only while that thread waits for
 * something other than a core.
 */
import { mainThreadTime } from '../confinement/proc.ts';

export interface Patience {
  /** CPU time that the main thread may use before it answers. */
  readonly cpuMs: number;
  /** Time that the main thread may be blocked or stopped before it answers. */
  readonly blockedMs: number;
  /** Time on the wall where the system reports no CPU time. */
  readonly wallMs: number;
  /** How often it is looked at. */
  readonly pollMs: number;
}

/** A round of the event loop of a busy process takes milliseconds; a run's slice of gas about one. */
export const PATIENCE: Patience = { cpuMs: 5000, blockedMs: 60_000, wallMs: 30_000, pollMs: 250 };

/** Settles with whether a process used up its patience before the answer settled. One that has ended does not hang. */
export async function isHung(
  pid: number,
  answered: Promise<unknown>,
  { cpuMs, blockedMs, wallMs, pollMs }: Patience = PATIENCE,
): Promise<boolean> {
  const first = await mainThreadTime(pid);
  const done = Symbol('answered');
  const answer = answered.then(() => done);
  const from = performance.now();
  let blocked = 0;
  let before = first?.cpuMs ?? 0;
  for (;;) {
    const settled = await Promise.race([answer, pause(pollMs)]);
    if (settled === done) return false;
    if (first === undefined) {
      if (!isAlive(pid)) return false;
      if (performance.now() - from >= wallMs) return true;
      continue;
    }
    const now = await mainThreadTime(pid);
    if (now === undefined) return false;
    // One interval a look, however late the look is: this process may be starved itself.
    if (!now.isRunnable && now.cpuMs === before) blocked += pollMs;
    before = now.cpuMs;
    if (now.cpuMs - first.cpuMs >= cpuMs || blocked >= blockedMs) return true;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
