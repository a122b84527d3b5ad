/** Limits the asynchronous calls that wait or run, since their bodies are stored. */
import type { Database } from '../../../db/connection/database.ts';
import type { NewCall } from '../../../db/runs/calls.ts';
import { insertCall, type InsertedCall, type QueuedAttempt } from '../../../db/runs/new-calls.ts';
import { ProblemError } from '../../../problems/problems.ts';

/** Open calls per owner, whoever sent them. */
const MAX_OPEN = 1000;
/** Of those, open calls from one address, so that one caller cannot take all of them. */
const MAX_OPEN_OF_CALLER = 100;

type StoredCall = Exclude<InsertedCall, { readonly refusedFor: unknown }>;

/**
 * Inserts the call, or returns the earlier one with its key. Throws a `quota-reached` problem if a limit is reached.
 * @param isExempt whether the limit per caller does not apply; evaluated only if it is reached
 */
export async function insertIfRoom(
  db: Database,
  call: NewCall,
  attempt: QueuedAttempt,
  isExempt: () => Promise<boolean>,
): Promise<StoredCall> {
  const insert = (ofCaller: number | null): Promise<InsertedCall> =>
    insertCall(db, call, attempt, { ofOwner: MAX_OPEN, ofCaller });
  let stored = await insert(MAX_OPEN_OF_CALLER);
  if ('refusedFor' in stored && stored.refusedFor === 'ofCaller' && (await isExempt())) {
    stored = await insert(null);
  }
  if (!('refusedFor' in stored)) return stored;
  throw reached(
    stored.refusedFor === 'ofCaller'
      ? `${MAX_OPEN_OF_CALLER} of your asynchronous calls to the owner’s handlers wait or run, which is the maximum per caller. Try again when some of them have ended, or send the owner’s token.`
      : `${MAX_OPEN} asynchronous calls to the owner’s handlers wait or run, which is the maximum. Try again when some of them have ended.`,
  );
}

function reached(detail: string): ProblemError {
  return new ProblemError('quota-reached', detail, { headers: { 'retry-after': '10' } });
}
