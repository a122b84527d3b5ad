/** Starts one process of a kind, with an IPC channel to this one. */
import { fork, type ChildProcess, type ForkOptions } from 'node:child_process';
import {
  PROCESS_KINDS,
  type LaunchCommand,
  type LaunchContext,
  type ProcessKind,
} from '../supervisor/kinds.ts';

/** @param env added to this process's environment */
export function launch(
  kind: ProcessKind,
  env: Readonly<Record<string, string>>,
  context: LaunchContext,
): ChildProcess {
  const { program, command } = PROCESS_KINDS[kind];
  const plain: LaunchCommand = {
    prefix: [],
    nodeArgs: process.execArgv,
    env: { ...process.env, ...env, TRISIEL_PROCESS: kind },
  };
  return fork(program, [], forkOptions(command(plain, context)));
}

/**
 * `fork` executes `execPath`, then `execArgv`, then the program; with a prefix, Node is one of its arguments. No process
 * gets the standard input, which may be the terminal of whoever started the server.
 */
export function forkOptions({ prefix, nodeArgs, env }: LaunchCommand): ForkOptions {
  const [execPath, ...rest] = [...prefix, process.execPath];
  const execArgv = [...rest, ...nodeArgs];
  return { execPath, execArgv, env: { ...env }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] };
}
