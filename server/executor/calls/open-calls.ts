/** Limits the asynchronous calls that wait or run, since their bodies are stored. */
import type { Database } from '../../db/connection/database.ts';
import { countOpenCalls } from '../../db/runs/calls.ts';
import { ProblemError } from '../../problems/problems.ts';

/** Open calls per owner, whoever sent them. */
const MAX_OPEN = 1000;
/** Of those, open calls from one address, so that one caller cannot take all of them. */
const MAX_OPEN_OF_CALLER = 100;

/**
 * Throws a `quota-reached` problem if a limit is reached.
 * @param isExempt whether the limit per caller does not apply; evaluated only if it is reached
 */
export async function requireOpenRoom(
  db: Database,
  who: { readonly ownerId: string; readonly caller: string },
  isExempt: () => Promise<boolean>,
): Promise<void> {
  const open = await countOpenCalls(db, who, MAX_OPEN);
  if (open.all >= MAX_OPEN) {
    throw reached(
      `${MAX_OPEN} asynchronous calls to the owner’s handlers wait or run, and no more may. Try again when some of them have ended.`,
    );
  }
  if (open.ofCaller < MAX_OPEN_OF_CALLER || (await isExempt())) return;
  throw reached(
    `${MAX_OPEN_OF_CALLER} asynchronous calls of yours to the owner’s handlers wait or run, and one caller may have no more. Try again when some of them have ended, or send the owner’s token.`,
  );
}

function reached(detail: string): ProblemError {
  return new ProblemError('quota-reached', detail, { headers: { 'retry-after': '10' } });
}
