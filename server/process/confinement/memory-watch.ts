/** Watches the resident memory of a process, for systems where the kernel does not limit it. */
import type { ChildProcess } from 'node:child_process';
import { residentBytes } from './proc.ts';

const EVERY_MS = 250;

/**
 * Resolves with true once the resident memory of a process exceeds the limit, and with false once it has ended, or at
 * once if the system does not report it (macOS, Windows).
 */
export async function watchMemory(
  { pid, exitCode, signalCode }: Pick<ChildProcess, 'pid' | 'exitCode' | 'signalCode'>,
  maxBytes: number,
  everyMs = EVERY_MS,
): Promise<boolean> {
  if (pid === undefined || exitCode !== null || signalCode !== null) return false;
  for (;;) {
    const bytes = await residentBytes(pid);
    if (bytes === undefined) return false;
    if (bytes > maxBytes) return true;
    await new Promise((resolve) => setTimeout(resolve, everyMs).unref());
  }
}
