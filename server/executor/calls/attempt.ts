/** Runs one attempt of an asynchronous call, as `Executor` runs a synchronous one. */
import type { Logger } from 'pino';
import { endLostAttempts, endUnmadeAttempt, listAttempts } from '../../db/runs/call-attempts.ts';
import { findCall, updateCall, type AsyncCall, type CallChange } from '../../db/runs/calls.ts';
import type { Database } from '../../db/connection/database.ts';
import type { NewExecution } from '../../db/runs/executions.ts';
import { ProblemError } from '../../problems/problems.ts';
import { requireNoQuarantine } from '../../problems/quarantine.ts';
import { toProblem } from '../../problems/to-problem.ts';
import type {
  FindHandler,
  FoundHandler,
  LoadedHandler,
  UntrustedHandler,
} from '../handlers/handler.ts';
import { forwardAttempt } from '../probation/attempts.ts';
import type { ProbationProcesses } from '../../process/probation/processes.ts';
import type { Quotas } from '../quotas/quotas.ts';
import type { HandlerOutcome, RunHandlerParts } from '../runs/run-handler.ts';
import { AttemptRecords, isOpen } from './attempt-records.ts';
import { runAttempt } from './attempt-run.ts';
import { RETRIES } from './queue/boss.ts';
import type { QueuedCall } from './queue/queue.ts';

export interface AttemptOptions extends RunHandlerParts {
  readonly db: Database;
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

/** The call was cancelled before its guest started. */
class CallEnded extends Error {}

export class Attempts {
  readonly #options: AttemptOptions;
  readonly #records: AttemptRecords;
  readonly #running = new Map<string, AbortController>();

  constructor(options: AttemptOptions) {
    this.#options = options;
    this.#records = new AttemptRecords(options.db, options.log);
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
    const call = await this.#records.find(callId);
    if (call === undefined || !isOpen(call)) return;
    const { begun } = call;
    // A previous process recorded the success but stopped before it told the queue.
    if (begun.includes('succeeded')) return this.#end(call, 'succeeded');
    // The executor stopped during the last permitted attempt.
    if (begun.length > RETRIES) return this.#end(call, 'failed');
    const isLast = begun.length === RETRIES;
    try {
      const handler = await this.#findHandler(call);
      if (handler.module === undefined) {
        await this.#forwardAttempt(call, handler, tries, lease);
        return;
      }
      await this.#attempt(call, handler, { number: begun.length + 1, isLast, lease });
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
    await this.#endUnmade(call, 'The server could not run the call before its retries ended.');
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
      throw new ProblemError('unavailable', 'Versions on probation cannot run at the moment.');
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
    const { log, quotas } = this.#options;
    if (number > 1) await quotas.countRetry(handler);
    const done = quotas.begin(handler);
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    lease.addEventListener('abort', stop, { once: true });
    this.#running.set(call.id, abort);
    try {
      const outcome = await runAttempt(this.#options, {
        call,
        handler,
        number,
        abort,
        begin: (started) => this.#begin(started),
      });
      const { execution } = outcome;
      const { status } = execution;
      const change = changeFor(outcome, isLast);
      const isTakenOver = status === 'cancelled' && (await this.#isTakenOver(call, lease));
      if (isTakenOver || (await this.#records.end({ execution, change })) !== status) {
        log.warn({ callId: call.id, attempt: number }, 'another executor has taken the call over');
        return;
      }
      if (change.status === 'queued') throw new RetryLater(`attempt ${number} failed`);
      if (call.callbackUrl !== null) await this.#options.sendCallback(call);
    } catch (error) {
      if (!(error instanceof CallEnded)) throw error;
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

  async #begin(started: NewExecution): Promise<void> {
    if (!(await this.#records.begin(started))) throw new CallEnded('the call has ended');
  }

  /** Ends a call whose last attempt has a row already. */
  async #end(call: AsyncCall, status: 'succeeded' | 'failed'): Promise<void> {
    const { db, sendCallback } = this.#options;
    await updateCall(db, call.id, { status });
    if (call.callbackUrl !== null) await sendCallback(call);
  }
}

/** What an attempt changes in its call. */
function changeFor({ execution, head }: HandlerOutcome, isLast: boolean): CallChange {
  const { status } = execution;
  if (status === 'failed' && !isLast) return { status: 'queued' };
  if (status !== 'succeeded' || head === undefined) return { status };
  const replyHeaders = head.fields.map(({ name, value }) => [name, value] as const);
  return { status, replyStatus: head.status, replyHeaders };
}

/** Failures such as no capacity, or an unreachable database or store: they do not count as attempts. */
function isTransient({ code, status }: ProblemError): boolean {
  return code !== 'handler-quarantined' && (status === 429 || status >= 503);
}
