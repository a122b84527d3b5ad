/**
 * The executor of a probation process: it runs the handlers of one owner whose versions are not trusted, for executor
 * processes that forward their calls over a Unix socket. It opens no port.
 */
import { once } from 'node:events';
import { CALLS_CHANNEL } from '../../db/runs/calls.ts';
import { ProblemError } from '../../problems/problems.ts';
import { LONGEST_RUN_MS } from '../../tiers.ts';
import { Attempts } from '../calls/attempt.ts';
import { Executor } from '../executor.ts';
import { createParts, type PartsOptions } from '../parts.ts';
import { stopListening } from '../../process/supervisor/listen.ts';
import { ActiveRuns } from '../../process/probation/active-runs.ts';
import { receiveAttempt } from './attempts.ts';
import { GoodRuns } from './good-runs.ts';
import { createReceiver } from './receive.ts';

/** Time for the readers of replies that are complete. */
const LAST_BYTES_MS = 10_000;

export interface ProbationOptions extends PartsOptions {
  /** Owner of the handlers that it runs. */
  readonly ownerId: string;
  /** Path of its socket, in a folder that only this user may enter. */
  readonly socketPath: string;
  /** File that lists the active runs. */
  readonly activeRunsPath: string;
}

export interface ProbationService {
  /** Listens. */
  open(): Promise<void>;
  /** Finishes open requests, writes the recorded runs, and stops. */
  close(): Promise<void>;
  /** Milliseconds since the last call or attempt ended; 0 while one is under way. */
  readonly idleMs: () => number;
}

export function createProbation(options: ProbationOptions): ProbationService {
  const { config, db, ownerId, socketPath } = options;
  const activeRuns = new ActiveRuns({ path: options.activeRunsPath, isExact: true });
  const parts = createParts(options, { place: 'probation', activeRuns });
  const { handlers, journal, log, shipper } = parts;
  const goodRuns = new GoodRuns({ db, log, needed: config.probationRuns });
  const shared = {
    ...parts,
    async findHandler(name: string) {
      const handler = await handlers.find(name);
      if (handler.ownerId === ownerId) return handler;
      throw new ProblemError('no-such-handler', 'There is no handler with this name.');
    },
    onRun: goodRuns.onRun,
  };
  const executor = new Executor({
    ...shared,
    webOrigins: new Set(),
    acceptCall: undefined,
  });
  // The executor process that has the queue sends the callbacks.
  const attempts = new Attempts({ ...shared, db, sendCallback: async () => undefined });
  const use = { running: 0, endedAt: performance.now(), isClosing: false };
  /** A reply that nobody reads does not delay the stop for long. */
  const hangUpSoon = (): void => {
    if (!use.isClosing || use.running > 0) return;
    setTimeout(() => {
      if (use.running === 0) server.closeAllConnections();
    }, LAST_BYTES_MS).unref();
  };
  const inUse = async (work: Promise<void>): Promise<void> => {
    use.running += 1;
    await work;
    use.running -= 1;
    use.endedAt = performance.now();
    hangUpSoon();
  };
  const server = createReceiver({
    onCall: (...call) => inUse(executor.answerForwarded(...call)),
    onOther: (request, response) =>
      void inUse(receiveAttempt(request, response, (...attempt) => attempts.run(...attempt))),
  });
  let unlisten: (() => Promise<void>) | undefined;
  return {
    async open() {
      await handlers.open();
      unlisten = await db.listen(CALLS_CHANNEL, (callId) => attempts.cancel(callId));
      shipper.start();
      server.listen({ path: socketPath });
      await once(server, 'listening');
    },
    async close() {
      const closed = once(server, 'close');
      await stopListening(server);
      use.isClosing = true;
      hangUpSoon();
      const leaving = setTimeout(() => server.closeAllConnections(), LONGEST_RUN_MS);
      await closed;
      clearTimeout(leaving);
      await unlisten?.();
      await handlers.close();
      await goodRuns.close();
      journal.close();
      await shipper.close();
      await parts.quotas.close();
      activeRuns.close();
    },
    idleMs: () => (use.running > 0 ? 0 : performance.now() - use.endedAt),
  };
}
