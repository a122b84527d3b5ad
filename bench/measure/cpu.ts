/** Processor time of a process and of those it started, where the system tells it (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

/** The kernel's ticks a second, the same on all machines that Node runs on. */
const TICKS = 100;

/** Seconds since they began, in the system's part too; NaN where nobody tells. */
export function cpuSeconds(pid: number | undefined): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name before it may hold anything but its closing parenthesis comes last.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const own = (Number(fields[11]) + Number(fields[12])) / TICKS;
    return own + childrenOf(pid).reduce((sum, child) => sum + cpuSeconds(child), 0);
  } catch {
    return NaN;
  }
}

function childrenOf(pid: number | undefined): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'latin1')
      .split(' ')
      .filter((child) => child !== '')
      .map(Number),
  );
}
