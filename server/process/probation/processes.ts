/** Where the probation processes of owners are, as a guest process knows it. */
import { ProblemError } from '../../problems/problems.ts';

/** A probation process as its supervisor has it; `busy`: there are as many as may be, and none is idle. */
export type StartedProbation = { readonly socketPath: string } | 'busy' | 'failed';

export interface ProbationProcesses {
  /** The Unix socket of the owner's process, which is started if need be. Throws a problem if none can be had now. */
  open(ownerId: string): Promise<string>;
  /** The process at this socket is gone. */
  forget(ownerId: string, socketPath: string): void;
}

/** How a guest process reaches probation processes. */
export interface ProbationAccess {
  readonly processes: ProbationProcesses;
  /** Where the processes of this machine list what runs in them. */
  readonly activeRunsFolder: string;
  /** Has the listener called when the supervisor reports the end of a process. */
  readonly onProcessEnded: (listener: () => void) => void;
}

const RETRY_SECONDS = { busy: 5, failed: 2 } as const;

/** @param start asks the supervisor, which always answers in time */
export function rememberProcesses(
  start: (ownerId: string) => Promise<StartedProbation>,
): ProbationProcesses {
  const known = new Map<string, string>();
  /** Those who come while a process is started share the question. */
  const asked = new Map<string, Promise<StartedProbation>>();
  const ask = async (ownerId: string): Promise<StartedProbation> => {
    let question = asked.get(ownerId);
    if (question === undefined) {
      question = start(ownerId).finally(() => asked.delete(ownerId));
      asked.set(ownerId, question);
    }
    const started = await question;
    if (typeof started === 'object') known.set(ownerId, started.socketPath);
    return started;
  };
  return {
    async open(ownerId) {
      const socketPath = known.get(ownerId);
      if (socketPath !== undefined) return socketPath;
      const started = await ask(ownerId);
      if (typeof started === 'object') return started.socketPath;
      throw new ProblemError(
        'executor-full',
        started === 'busy'
          ? 'The version is on probation, and all processes for versions on probation are busy. Try again in a moment.'
          : 'The version is on probation, and its process could not be started in time. Try again in a moment.',
        { headers: { 'retry-after': String(RETRY_SECONDS[started]) } },
      );
    },
    forget(ownerId, socketPath) {
      if (known.get(ownerId) === socketPath) known.delete(ownerId);
    },
  };
}
