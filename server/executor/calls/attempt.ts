/** Runs one attempt of an asynchronous call, as `Executor` runs a synchronous one. */
import type { Logger } from 'pino';
import type { ReplyHead } from '../../../olin/index.ts';
import {
  endLostAttempts,
  endUnmadeAttempt,
  findCall,
  listAttempts,
  updateCall,
  type AsyncCall,
} from '../../db/runs/calls.ts';
import {
  findExecutionStatus,
  writeExecutions,
  type NewExecution,
} from '../../db/runs/executions.ts';
import { ProblemError } from '../../problems/problems.ts';
import { requireNoQuarantine } from '../../problems/quarantine.ts';
import { toProblem } from '../../problems/to-problem.ts';
import { withoutTexts } from '../runs/cut-record.ts';
import type {
  FindHandler,
  FoundHandler,
  LoadedHandler,
  UntrustedHandler,
} from '../handlers/handler.ts';
import { forwardAttempt } from '../probation/attempts.ts';
import type { ProbationProcesses } from '../../process/probation/processes.ts';
import type { Quotas } from '../quotas/quotas.ts';
import { isOrphan, isRefusal } from '../journal/refusal.ts';
import { runAttempt, type AttemptRunParts } from './attempt-run.ts';
import { RETRIES } from './queue/boss.ts';
import type { QueuedCall } from './queue/queue.ts';

export interface AttemptOptions extends AttemptRunParts {
  readonly findHandler: FindHandler;
  readonly quotas: Quotas;
  readonly log: Logger;
  /** Queues the callback of a call that has ended. */
  readonly sendCallback: (call: QueuedCall) => Promise<void>;
  /** Runs attempts of versions on probation. Undefined: they cannot be run now. */
  readonly probation?: ProbationProcesses | undefined;
}

/** The position of an attempt within its call. */
interface AttemptPosition {
  /** From 1. */
  readonly number: number;
  readonly isLast: boolean;
  readonly lease: AbortSignal;
}

/** Makes the queue retry with growing delays. */
class RetryLater extends Error {}

const WRITE_RETRY_MS = 500;

export class Attempts {
  readonly #options: AttemptOptions;
  readonly #running = new Map<string, AbortController>();

  constructor(options: AttemptOptions) {
    this.#options = options;
  }

  /** Aborts the run of a cancelled call, if it is running in this process. */
  cancel(callId: string): void {
    this.#running.get(callId)?.abort();
  }

  /**
   * Throws if the queue must retry: the attempt failed and was not the last, or none could be made now.
   * @param tries number of earlier deliveries by the queue
   * @param lease aborted when the queue gives the call to another executor
   */
  async run(callId: string, tries: number, lease: AbortSignal): Promise<void> {
    const { db, log } = this.#options;
    const call = await findCall(db, callId);
    if (call === undefined || !isOpen(call)) return;
    await db.transaction((tx) => endLostAttempts(tx, callId));
    const before = (await listAttempts(db, callId)).filter(({ status }) => status !== 'queued');
    // A previous process recorded the success but stopped before it told the queue.
    const succeeded = before.find(({ status }) => status === 'succeeded');
    if (succeeded !== undefined) return this.#end(call, 'succeeded');
    // The executor stopped during the last permitted attempt.
    if (before.length > RETRIES) return this.#end(call, 'failed');
    const isLast = before.length === RETRIES;
    try {
      const handler = await this.#findHandler(call);
      if (handler.module === undefined) {
        await this.#forwardAttempt(call, handler, tries, lease);
        return;
      }
      await this.#attempt(call, handler, { number: before.length + 1, isLast, lease });
    } catch (error) {
      if (error instanceof RetryLater) throw error;
      const problem = toProblem(error);
      if (problem === undefined ? tries < RETRIES : isTransient(problem)) {
        await db.transaction((tx) => updateCall(tx, callId, { status: 'queued' }));
        throw error;
      }
      log.warn({ err: error, callId }, 'a call could not be run');
      await this.#endUnmade(call, problem?.message ?? 'The server failed to run the handler.');
    }
  }

  /** Ends a call that the queue has tried for too long. */
  async giveUp(callId: string): Promise<void> {
    const { db } = this.#options;
    const call = await findCall(db, callId);
    if (call === undefined || !isOpen(call)) return;
    const attempts = await listAttempts(db, callId);
    if (attempts.some(({ status }) => status === 'succeeded')) {
      return this.#end(call, 'succeeded');
    }
    await this.#endUnmade(call, 'The server could not run the call within the time that it tries.');
  }

  async #endUnmade(call: AsyncCall, why: string): Promise<void> {
    await this.#options.db.transaction(async (tx) => {
      await endLostAttempts(tx, call.id);
      await endUnmadeAttempt(tx, call.id, why);
    });
    await this.#end(call, 'failed');
  }

  async #findHandler(call: AsyncCall): Promise<FoundHandler> {
    const handler = await this.#options.findHandler(call.handlerName);
    if (handler.id === call.handlerId) return handler;
    throw new ProblemError('no-such-handler', 'The handler was deleted after the call.');
  }

  /** Makes the attempt in the probation process of the handler's owner. */
  async #forwardAttempt(
    call: AsyncCall,
    { ownerId, standing, version }: UntrustedHandler,
    tries: number,
    lease: AbortSignal,
  ): Promise<void> {
    // The caller can read this problem, so it leaves out details for the owner.
    await requireNoQuarantine(version, standing, async () => false);
    const { probation } = this.#options;
    if (probation === undefined) {
      throw new ProblemError('unavailable', 'Versions on probation do not run here for now.');
    }
    const outcome = await forwardAttempt(probation, ownerId, { callId: call.id, tries }, lease);
    if (outcome.again !== undefined) throw new RetryLater(outcome.again);
    // The probation process has no queue.
    const { db, sendCallback } = this.#options;
    const ended = await findCall(db, call.id);
    const isDue = ended !== undefined && !isOpen(ended) && ended.callbackUrl !== null;
    if (isDue) await sendCallback(ended);
  }

  async #attempt(
    call: AsyncCall,
    handler: LoadedHandler,
    { number, isLast, lease }: AttemptPosition,
  ): Promise<void> {
    const { db, log, quotas } = this.#options;
    if (number > 1) await quotas.countRetry(handler);
    const done = quotas.begin(handler);
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    lease.addEventListener('abort', stop, { once: true });
    this.#running.set(call.id, abort);
    try {
      if (!(await db.transaction((tx) => updateCall(tx, call.id, { status: 'running' })))) return;
      const { execution: run, head } = await runAttempt(this.#options, call, handler, {
        number,
        abort,
      });
      const isTakenOver = run.status === 'cancelled' && (await this.#isTakenOver(call, lease));
      if (isTakenOver || (await this.#write(run)) !== run.status) {
        log.warn({ callId: call.id, attempt: number }, 'another executor has taken the call over');
        return;
      }
      if (run.status === 'succeeded' && head !== undefined) {
        await this.#end(call, 'succeeded', head);
      } else if (run.status === 'failed' && !isLast) {
        await db.transaction((tx) => updateCall(tx, call.id, { status: 'queued' }));
        throw new RetryLater(`attempt ${run.attempt} failed`);
      } else {
        await this.#end(call, run.status);
      }
    } finally {
      done();
      lease.removeEventListener('abort', stop);
      if (this.#running.get(call.id) === abort) this.#running.delete(call.id);
    }
  }

  /** Whether the run was aborted because the queue gave its call to another executor, which then ends the row. */
  async #isTakenOver(call: AsyncCall, lease: AbortSignal): Promise<boolean> {
    return lease.aborted && (await findCall(this.#options.db, call.id))?.status !== 'cancelled';
  }

  /**
   * Retries until the database accepts the row: the run has happened and must not be repeated for want of a row.
   * Returns the status in the database, which differs if another executor considered this one dead and ended the row.
   */
  async #write(run: NewExecution): Promise<NewExecution['status'] | undefined> {
    let row = run;
    for (;;) {
      try {
        return await this.#options.db.transaction(async (tx) => {
          await writeExecutions(tx, [row]);
          return findExecutionStatus(tx, run.id);
        });
      } catch (error) {
        if (isRefusal(error)) {
          // The run has happened and is billed, so its record is kept without the texts that the database refuses.
          if (row !== run || isOrphan(error)) throw error;
          row = withoutTexts(run);
          continue;
        }
        this.#options.log.warn(
          { err: error, executionId: run.id },
          'an attempt is not written yet',
        );
        await new Promise((resolve) => setTimeout(resolve, WRITE_RETRY_MS));
      }
    }
  }

  async #end(call: AsyncCall, status: NewExecution['status'], head?: ReplyHead): Promise<void> {
    const { db, sendCallback } = this.#options;
    const replyHeaders = head?.fields.map(({ name, value }) => [name, value] as const);
    await db.transaction((tx) =>
      updateCall(tx, call.id, {
        status,
        ...(head === undefined ? {} : { replyStatus: head.status }),
        ...(replyHeaders === undefined ? {} : { replyHeaders }),
      }),
    );
    if (call.callbackUrl !== null) await sendCallback(call);
  }
}

/** Failures such as no capacity, or an unreachable database or store: they do not count as attempts. */
function isTransient({ code, status }: ProblemError): boolean {
  return code !== 'handler-quarantined' && (status === 429 || status >= 503);
}

function isOpen({ status }: AsyncCall): boolean {
  return status === 'queued' || status === 'running';
}
