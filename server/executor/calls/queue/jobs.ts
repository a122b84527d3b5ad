/** The jobs of one queue of pg-boss, as a consumer needs them. */
import type { Job, PgBoss } from 'pg-boss';

/** A job names its call. Its own id differs in the queue of lost calls. */
export type CallJob = Pick<Job<{ id: string }>, 'id' | 'data' | 'retryCount' | 'groupId'>;

export interface Jobs {
  /** Claims jobs that are due, oldest first. @param full owners whose jobs are left out */
  take(count: number, full: string[]): Promise<readonly CallJob[]>;
  complete(jobs: readonly CallJob[]): Promise<void>;
  /** The queue delivers them again later, or gives them up. */
  fail(jobs: readonly CallJob[], message: string): Promise<void>;
  /** Sends heartbeats. Returns the ids of the jobs that this process still holds. */
  touch(jobs: readonly CallJob[]): Promise<ReadonlySet<unknown>>;
}

export function jobsOf(boss: PgBoss, queue: string): Jobs {
  return {
    take(count, full) {
      // pg-boss's own workers pass `ignoreGroups`, which its types omit.
      const options = { batchSize: count, ignoreGroups: full };
      return boss.fetch<{ id: string }>(queue, options);
    },
    async complete(jobs) {
      await boss.complete(queue, [...jobs]);
    },
    async fail(jobs, message) {
      await boss.fail(queue, [...jobs], { message });
    },
    async touch(jobs) {
      const touched: object = await boss.touch(queue, [...jobs]);
      // Its types omit this too.
      if ('settled' in touched && Array.isArray(touched.settled)) return new Set(touched.settled);
      throw new Error('pg-boss does not say which jobs have had a heartbeat');
    },
  };
}
