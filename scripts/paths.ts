/** Paths of the project, and functions that start its other programs. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const siteDir = fileURLToPath(new URL('../dist', import.meta.url));

/** Prints progress to standard error; results go to standard output. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Runs a program in the project's folder and shows its output. Resolves to its exit status. */
export function runProgram(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, ...env },
    });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Runs a script of the project or of a package with the same Node as this process. */
export function runNode(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  return runProgram(process.execPath, args, env);
}
