/** What Linux reports about a process under `/proc`. On other systems each function returns undefined. */
import { readFile } from 'node:fs/promises';

/** Ticks of `/proc/PID/stat` a second; the kernel's interface fixes them at 100 on every platform that Node runs on. */
const TICKS_PER_SECOND = 100;

export interface ThreadTime {
  /** User and system time since the thread started. */
  readonly cpuMs: number;
  /** Whether it runs, or would if there were a free core. */
  readonly isRunnable: boolean;
  /** Whether a signal, such as SIGSTOP, has stopped it. */
  readonly isStopped: boolean;
}

/** CPU time of the main thread, which is the one that runs the event loop. Undefined if the process is gone. */
export async function mainThreadTime(pid: number): Promise<ThreadTime | undefined> {
  return timeOf(await read(`/proc/${pid}/task/${pid}/stat`));
}

function timeOf(text: string): ThreadTime | undefined {
  // The second field is the program's name in parentheses, which may contain spaces and parentheses.
  const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system] = [Number(fields[10]), Number(fields[11])];
  if (state === undefined || !Number.isFinite(user + system)) return undefined;
  return {
    cpuMs: ((user + system) * 1000) / TICKS_PER_SECOND,
    isRunnable: state === 'R',
    isStopped: state === 'T',
  };
}

/** CPU time of all threads of a process, ended ones included. Undefined if the process is gone. */
export async function processCpuMs(pid: number): Promise<number | undefined> {
  return timeOf(await read(`/proc/${pid}/stat`))?.cpuMs;
}

/** Returns the resident memory of a process in bytes. Undefined if the process is gone. */
export async function residentBytes(pid: number): Promise<number | undefined> {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(await read(`/proc/${pid}/status`))?.[1];
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
}

function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
