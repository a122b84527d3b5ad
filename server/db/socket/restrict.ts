/** Restricts the statements and channels of a process that runs guests in the embedded database. */
import type { Database, Queryable } from '../connection/database.ts';
import { HANDLERS_CHANNEL } from '../handlers/handlers.ts';
import { CALLS_CHANNEL } from '../runs/calls.ts';
import { RemoteDatabaseError } from './errors.ts';
import { findRefusedPart } from './guest-statements.ts';

const INSUFFICIENT_PRIVILEGE = '42501';
/** Channels that executors listen to. */
const CHANNELS: ReadonlySet<string> = new Set([HANDLERS_CHANNEL, CALLS_CHANNEL]);

/**
 * Refuses statements that could leave the session's role, or do more than read and write rows (42501). The role
 * determines which tables and columns are accessible.
 */
export function restrict(db: Database): Database {
  return {
    ...db,
    ...restricted(db),
    transaction: (work) => db.transaction((tx) => work(restricted(tx))),
    async listen(channel, onNotice) {
      if (!CHANNELS.has(channel)) throw refused('a channel that is not listed');
      return db.listen(channel, onNotice);
    },
  };
}

function restricted(on: Queryable): Queryable {
  return {
    async query<Row>(text: string, values?: readonly unknown[]) {
      check(text);
      return on.query<Row>(text, values);
    },
    async execute(text) {
      check(text);
      // Only one statement is allowed, because results of several at once are not bounded (`result-bound.ts`).
      return on.query(text);
    },
  };
}

function check(text: string): void {
  const part = findRefusedPart(text);
  if (part === undefined) return;
  throw refused(`a statement with ${JSON.stringify(part.slice(0, 100))}`);
}

function refused(what: string): RemoteDatabaseError {
  return new RemoteDatabaseError(`an executor may not send ${what}`, INSUFFICIENT_PRIVILEGE);
}
