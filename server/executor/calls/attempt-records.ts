/** The rows of calls and attempts, read and written for all concurrent attempts of the process together. */
import type { Logger } from 'pino';
import type { Database } from '../../db/connection/database.ts';
import {
  beginAttempts,
  endAttempts,
  endLostAttempts,
  findCalls,
  type DeliveredCall,
  type EndedAttempt,
} from '../../db/runs/call-attempts.ts';
import type { ExecutionStatus } from '../../execution-status.ts';
import type { NewExecution } from '../../db/runs/executions.ts';
import { isOrphan, isRefusal } from '../journal/refusal.ts';
import { withoutTexts } from '../runs/cut-record.ts';
import { Batches } from './batches.ts';

const WRITE_RETRY_MS = 500;

export class AttemptRecords {
  readonly #db: Database;
  readonly #log: Logger;
  readonly #finds: Batches<string, DeliveredCall | undefined>;
  readonly #begins: Batches<NewExecution, boolean>;
  readonly #ends: Batches<EndedAttempt, ExecutionStatus | undefined>;

  constructor(db: Database, log: Logger) {
    this.#db = db;
    this.#log = log;
    this.#finds = new Batches(async (ids) => {
      const calls = new Map((await findCalls(db, ids)).map((call) => [call.id, call]));
      return ids.map((id) => calls.get(id));
    });
    this.#begins = new Batches(async (attempts) => {
      const open = await beginAttempts(db, attempts);
      return attempts.map(({ callId }) => open.has(callId));
    });
    this.#ends = new Batches(async (ends) => {
      const stored = await endAttempts(db, ends);
      return ends.map(({ execution }) => stored.get(execution.id));
    });
  }

  /** Finds a call, and ends attempts of it that another process left running when it died. */
  async find(callId: string): Promise<DeliveredCall | undefined> {
    const call = await this.#finds.add(callId);
    if (call === undefined || !isOpen(call) || !call.begun.includes('running')) return call;
    await this.#db.transaction((tx) => endLostAttempts(tx, callId));
    return this.#finds.add(callId);
  }

  /** Records that an attempt runs. Returns false if its call has ended. */
  begin(attempt: NewExecution): Promise<boolean> {
    return this.#begins.add(attempt);
  }

  /**
   * Records the end of an attempt and changes its call. Retries until the database accepts the row: the run has happened
   * and must not be repeated for want of a row. Returns the status in the database, which differs if another executor
   * considered this one dead and ended the row.
   */
  async end({ execution, change }: EndedAttempt): Promise<ExecutionStatus | undefined> {
    let row = execution;
    for (;;) {
      try {
        return await this.#ends.add({ execution: row, change });
      } catch (error) {
        if (isRefusal(error)) {
          // The run has happened and is billed, so its record is kept without the texts that the database refuses.
          if (row !== execution || isOrphan(error)) throw error;
          row = withoutTexts(execution);
          continue;
        }
        const executionId = execution.id;
        this.#log.warn({ err: error, executionId }, 'an attempt is not written yet');
        await new Promise((resolve) => setTimeout(resolve, WRITE_RETRY_MS));
      }
    }
  }
}

export function isOpen({ status }: { readonly status: ExecutionStatus }): boolean {
  return status === 'queued' || status === 'running';
}
