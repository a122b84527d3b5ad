/** Measures the CPU time and memory of a process and its children, on Linux. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc, which is 100 on every platform of Node. */
const TICKS = 100;

/**
 * Returns the CPU time of a process and its running children in seconds, user and system time. NaN if the process does
 * not exist or there is no /proc.
 */
export function cpuSeconds(pid: number | undefined): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The program's name in parentheses may contain anything; the fields follow the last closing parenthesis.
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

/** Returns the resident memory in bytes of a process and its children; NaN as above. */
export function memoryOf(pid: number | undefined): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'latin1');
    const own = Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
    return own + childrenOf(pid).reduce((sum, child) => sum + memoryOf(child), 0);
  } catch {
    return NaN;
  }
}
