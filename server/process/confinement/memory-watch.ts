/** The bound of memory that holds where the kernel's does not: what is in RAM, looked at again and again. */
import type { ChildProcess } from 'node:child_process';
import { residentBytes } from './proc.ts';

const EVERY_MS = 250;

/**
 * Resolves with true once a process has more than so many bytes in RAM, with false once it has ended. Where the system
 * reports no memory (macOS, Windows), with false at once.
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
