/** Tracks the probation processes of owners in an executor process. */
import { ProblemError } from '../../problems/problems.ts';

/**
 * The supervisor's answer about a probation process. `busy`: no place became free in time, and the owner is in the
 * queue.
 */
export type StartedProbation = { readonly socketPath: string } | 'busy' | 'failed';

export interface ProbationProcesses {
  /**
   * Returns the Unix socket of the owner's process, which is started if there is none. Waits for a place if all are
   * taken. Throws an `executor-full` problem if there is none in time, or if too many calls of the owner already wait.
   */
  open(ownerId: string): Promise<string>;
  /** Called when the process at this socket is gone. */
  forget(ownerId: string, socketPath: string): void;
}

/** Access of an executor process to probation processes. */
export interface ProbationAccess {
  readonly processes: ProbationProcesses;
  /** The folder of the lists of active runs. */
  readonly activeRunsFolder: string;
  /** Registers a listener, called when the supervisor reports the end of a process. */
  readonly onProcessEnded: (listener: () => void) => void;
}

const RETRY_SECONDS = { busy: 5, failed: 2 } as const;
/** Maximum calls of one owner that wait in this process; each holds a connection of its caller. */
const MAX_WAITING_CALLS = 64;
const SENTENCES = {
  busy: 'The version is on probation, and all processes for such versions are in use by other owners, who take turns. Try again in a moment.',
  failed:
    'The version is on probation, and its process could not be started in time. Try again in a moment.',
} as const;

/** @param start asks the supervisor, which always answers in time */
export function rememberProcesses(
  start: (ownerId: string) => Promise<StartedProbation>,
): ProbationProcesses {
  const known = new Map<string, string>();
  /** Calls that arrive while a process is being started share one request. */
  const asked = new Map<string, { readonly started: Promise<StartedProbation>; calls: number }>();
  const ask = async (ownerId: string): Promise<StartedProbation> => {
    let question = asked.get(ownerId);
    if (question === undefined) {
      const started = start(ownerId).finally(() => asked.delete(ownerId));
      question = { started, calls: 0 };
      asked.set(ownerId, question);
    }
    if (question.calls >= MAX_WAITING_CALLS) return 'busy';
    question.calls += 1;
    const started = await question.started;
    if (typeof started === 'object') known.set(ownerId, started.socketPath);
    return started;
  };
  return {
    async open(ownerId) {
      const socketPath = known.get(ownerId);
      if (socketPath !== undefined) return socketPath;
      const started = await ask(ownerId);
      if (typeof started === 'object') return started.socketPath;
      throw new ProblemError('executor-full', SENTENCES[started], {
        headers: { 'retry-after': String(RETRY_SECONDS[started]) },
      });
    },
    forget(ownerId, socketPath) {
      if (known.get(ownerId) === socketPath) known.delete(ownerId);
    },
  };
}
