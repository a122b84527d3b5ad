/** Gives an executor process access to probation processes, through its supervisor. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { rememberProcesses, type ProbationAccess, type StartedProbation } from './processes.ts';
import { ask, isMessage, supervisorOf } from '../supervisor/messages.ts';

/** The variable with the folder of the lists of active runs. */
export const ACTIVE_RUNS_FOLDER = 'TRISIEL_ACTIVE_RUNS';

/** Longer than the supervisor takes to answer: see `waitMs` of the pool. */
const START_MS = 25_000;

/** Returns undefined if this process has no supervisor: then there is no probation. */
export function probationAccess(): ProbationAccess | undefined {
  const supervisor = supervisorOf(process);
  const activeRunsFolder = process.env[ACTIVE_RUNS_FOLDER];
  if (supervisor === undefined || activeRunsFolder === undefined) return undefined;
  return {
    activeRunsFolder,
    processes: rememberProcesses(async (ownerId) => {
      const answer = await ask(supervisor, 'trisiel-probation-start', START_MS, { ownerId });
      return answer === undefined ? 'failed' : readStarted(answer);
    }),
    onProcessEnded(listener) {
      supervisor.on('message', (message) => {
        if (isMessage(message, 'trisiel-process-ended')) listener();
      });
    },
  };
}

function readStarted(answer: object): StartedProbation {
  if ('socketPath' in answer) return { socketPath: String(answer.socketPath) };
  return 'outcome' in answer && answer.outcome === 'busy' ? 'busy' : 'failed';
}

/** Creates an empty folder for a supervisor, and removes the folders of supervisors that have exited. */
export function makeActiveRunsFolder(runs: string): string {
  for (const name of readdirSync(runs)) {
    const pid = /^active-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && (Number(pid) === process.pid || !isRunning(Number(pid)))) {
      rmSync(join(runs, name), { recursive: true, force: true });
    }
  }
  const folder = join(runs, `active-${process.pid}`);
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
