/** Asks the executors whether they run a deployed version. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../../db/connection/database.ts';
import {
  askExecutors,
  readAnswer,
  ROLLOUTS_CHANNEL,
  type RolloutAnswer,
} from '../../db/handlers/rollouts.ts';

/** Time limits for the first answer, and after it for the others. */
const FIRST_MS = 1500;
const OTHERS_MS = 150;

export interface Rollout {
  /** Executors that answered. */
  readonly executors: number;
  /** Executors whose next run uses the version. */
  readonly ready: number;
}

export class Rollouts {
  readonly #db: Database;
  readonly #questions = new Map<string, (answer: RolloutAnswer) => void>();
  #listening: Promise<() => Promise<void>> | undefined;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Asks all executors. Rejects if the database is unavailable; otherwise it takes at most two seconds. */
  async ask(name: string, versionId: string): Promise<Rollout> {
    await this.#listen();
    const id = randomUUID();
    const answers: RolloutAnswer[] = [];
    const first = Promise.withResolvers<void>();
    this.#questions.set(id, (answer) => {
      answers.push(answer);
      first.resolve();
    });
    try {
      await askExecutors(this.#db, { id, name });
      const late = setTimeout(first.resolve, FIRST_MS);
      await first.promise;
      clearTimeout(late);
      if (answers.length > 0) await new Promise((resolve) => setTimeout(resolve, OTHERS_MS));
    } finally {
      this.#questions.delete(id);
    }
    const ready = answers.filter((each) => each.versionId === null || each.versionId === versionId);
    return { executors: answers.length, ready: ready.length };
  }

  async close(): Promise<void> {
    const stop = await this.#listening?.catch(() => undefined);
    await stop?.();
  }

  #listen(): Promise<unknown> {
    this.#listening ??= this.#db
      .listen(ROLLOUTS_CHANNEL, (payload) => {
        const answer = readAnswer(payload);
        if (answer !== undefined) this.#questions.get(answer.id)?.(answer);
      })
      .catch((error: unknown) => {
        this.#listening = undefined;
        throw error;
      });
    return this.#listening;
  }
}
