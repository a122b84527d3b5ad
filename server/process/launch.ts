/** Starts one process of a kind, with an IPC channel to this one. */
import { fork, type ChildProcess } from 'node:child_process';
import { PROCESS_KINDS, type ProcessKind } from './kinds.ts';

/** @param env added to this process's environment */
export function launch(kind: ProcessKind, env: Readonly<Record<string, string>>): ChildProcess {
  const { program, command } = PROCESS_KINDS[kind];
  const {
    prefix,
    nodeArgs,
    env: given,
  } = command({
    prefix: [],
    nodeArgs: process.execArgv,
    env: { ...process.env, ...env, TRISIEL_PROCESS: kind },
  });
  // `fork` executes `execPath`, then `execArgv`, then the program; with a prefix, Node is one of its arguments.
  const [execPath = process.execPath, ...rest] = [...prefix, process.execPath];
  return fork(program, [], { execPath, execArgv: [...rest, ...nodeArgs], env: { ...given } });
}
