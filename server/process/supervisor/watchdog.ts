/**
 * Distinguishes a process that hangs from one that gets no CPU time.
 *
 * On a busy machine a healthy process answers late. So the limit is CPU time of the main thread, which runs the event
 * loop, and wall time counts only while that thread waits for something other than a core.
 */
import { mainThreadTime } from '../confinement/proc.ts';

export interface Patience {
  /** CPU time that the main thread may use before it answers. */
  readonly cpuMs: number;
  /** Time that the main thread may be blocked, such as by a slow disk, before it answers. */
  readonly blockedMs: number;
  /** Time that the process may be stopped by a signal (SIGSTOP) before it answers. */
  readonly stoppedMs: number;
  /** Wall time, on systems that report no CPU time. */
  readonly wallMs: number;
  /** Poll interval. */
  readonly pollMs: number;
}

/** A round of the event loop of a busy process takes milliseconds; a run's slice of gas about one. */
export const PATIENCE: Patience = {
  cpuMs: 5000,
  blockedMs: 60_000,
  stoppedMs: 5000,
  wallMs: 30_000,
  pollMs: 250,
};

/** Resolves with true if a process exceeds one of the limits before `answered` settles; with false if it has ended. */
export async function isHung(
  pid: number,
  answered: Promise<unknown>,
  { cpuMs, blockedMs, stoppedMs, wallMs, pollMs }: Patience = PATIENCE,
): Promise<boolean> {
  const first = await mainThreadTime(pid);
  const done = Symbol('answered');
  const answer = answered.then(() => done);
  const from = performance.now();
  let blocked = 0;
  let stopped = 0;
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
    // Count one interval per check, however late it is, because this process may be starved itself.
    if (now.isRunnable || now.cpuMs !== before) stopped = 0;
    else {
      blocked += pollMs;
      stopped = now.isStopped ? stopped + pollMs : 0;
    }
    before = now.cpuMs;
    if (now.cpuMs - first.cpuMs >= cpuMs || blocked >= blockedMs || stopped >= stoppedMs)
      return true;
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
