/**
 * Asking the executors which version of a handler they run. The question goes out on the channel of handlers, behind the
 * notices of changes, so that an executor which reads it has begun to load what was activated before.
 */
import type { Queryable } from '../connection/database.ts';
import { HANDLERS_CHANNEL } from './handlers.ts';

export const ROLLOUTS_CHANNEL = 'trisiel_rollouts';

export interface RolloutQuestion {
  /** Made up by who asks. */
  readonly id: string;
  /** Of the handler. */
  readonly name: string;
}

export interface RolloutAnswer {
  /** Of the question. */
  readonly id: string;
  /**
   * The version that the next run has; null if nothing of the handler is loaded, so that the next run loads what is
   * active then; undefined while it is being loaded.
   */
  readonly versionId: string | null | undefined;
}

/** No name of a handler has a space or a question mark: executors that do not know the form ignore it. */
export async function askExecutors(db: Queryable, { id, name }: RolloutQuestion): Promise<void> {
  await db.query('select pg_notify($1, $2)', [HANDLERS_CHANNEL, `? ${id} ${name}`]);
}

/** Undefined for a notice of a change. */
export function readQuestion(payload: string): RolloutQuestion | undefined {
  const [, id, name] = /^\? (\S+) (\S+)$/.exec(payload) ?? [];
  return id === undefined || name === undefined ? undefined : { id, name };
}

export async function answerRollout(
  db: Queryable,
  { id, versionId }: RolloutAnswer,
): Promise<void> {
  const state = versionId === undefined ? 'loading' : (versionId ?? 'none');
  await db.query('select pg_notify($1, $2)', [ROLLOUTS_CHANNEL, `${id} ${state}`]);
}

export function readAnswer(payload: string): RolloutAnswer | undefined {
  const [, id, state] = /^(\S+) (\S+)$/.exec(payload) ?? [];
  if (id === undefined || state === undefined) return undefined;
  return { id, versionId: state === 'loading' ? undefined : state === 'none' ? null : state };
}
