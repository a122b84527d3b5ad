/** Runs the build command of a project in a separate process group, so that all its processes can be ended. */
import { spawn, type ChildProcess } from 'node:child_process';
import { Interrupted } from '../../errors.ts';

export interface ShellOptions {
  readonly cwd: string;
  /** Receives the output of the command as it is written. */
  readonly onOutput?: ((text: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ShellEnd {
  /** The exit status, or the name of the signal that terminated the process. */
  readonly status: number | string;
  readonly output: string;
}

/** Limit on the compiler output kept; the end is kept. */
const MAX_OUTPUT = 1 << 18;
/** Delay between asking the processes of a build to end and killing them. */
const GRACE_MS = 1000;
const HAS_GROUPS = process.platform !== 'win32';

/** Rejects with Interrupted if the signal is aborted, once the shell has ended. */
export function runShell(command: string, options: ShellOptions): Promise<ShellEnd> {
  const { cwd, onOutput, signal } = options;
  if (signal?.aborted === true) return Promise.reject(new Interrupted());
  return new Promise((resolve, reject) => {
    // The author wrote the command, like an npm script, so it runs in a shell.
    const child = spawn(command, {
      cwd,
      shell: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A compiler is a child of the shell: a signal to the shell alone would leave it running.
      detached: HAS_GROUPS,
    });
    let output = '';
    let late: NodeJS.Timeout | undefined;
    const take = (text: string): void => {
      output = (output + text).slice(-MAX_OUTPUT);
      onOutput?.(text);
    };
    const onAbort = (): void => {
      endGroup(child, 'SIGTERM');
      late = setTimeout(() => endGroup(child, 'SIGKILL'), GRACE_MS);
    };
    // For a second Ctrl-C, or any other immediate exit of this process.
    const onExit = (): void => endGroup(child, 'SIGKILL');
    const settle = (): void => {
      clearTimeout(late);
      signal?.removeEventListener('abort', onAbort);
      process.off('exit', onExit);
    };
    signal?.addEventListener('abort', onAbort);
    process.on('exit', onExit);
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('close', (status, endedBy) => {
      settle();
      if (signal?.aborted === true) {
        // Also end its background processes.
        endGroup(child, 'SIGKILL');
        reject(new Interrupted());
      } else resolve({ status: status ?? endedBy ?? 'unknown', output });
    });
  });
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (HAS_GROUPS) process.kill(-child.pid, signal);
    else child.kill(signal);
  } catch {
    // It has already ended.
  }
}
