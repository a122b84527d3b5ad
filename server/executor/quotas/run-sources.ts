/** The quotas that are leased from the database: an owner's day, and one caller's part of it. */
import type { Database } from '../../db/connection/database.ts';
import { giveCallerRunsBack, takeCallerRuns } from '../../db/quotas/caller-days.ts';
import { giveRunsBack, takeRuns } from '../../db/quotas/run-days.ts';
import { readCallerKey } from './callers.ts';
import type { RunSource } from './run-leases.ts';

type Db = Pick<Database, 'query'>;

/** By owner. */
export function ownersDays(db: Db): RunSource {
  return {
    take: (ownerId, block) => takeRuns(db, { ...block, ownerId }),
    giveBack: (ownerId, day, runs) => giveRunsBack(db, { ownerId, day }, runs),
    blockPart: 1 / 500,
  };
}

/** By the keys of `Callers`. A caller's day is smaller than an owner's, so its blocks are larger parts of it. */
export function callersDays(db: Db): RunSource {
  return {
    take: (key, block) => takeCallerRuns(db, { ...block, ...readCallerKey(key) }),
    giveBack: (key, day, runs) => giveCallerRunsBack(db, { ...readCallerKey(key), day }, runs),
    blockPart: 1 / 50,
  };
}
