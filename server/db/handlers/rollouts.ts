/**
 * Asks the executors which version of a handler they run. The question is sent on the channel of handler changes, after the
 * notices of earlier changes, so that an executor has started to load the activated version before it answers.
 */
import type { Queryable } from '../connection/database.ts';
import { HANDLERS_CHANNEL } from './handlers.ts';

export const ROLLOUTS_CHANNEL = 'trisiel_rollouts';

export interface RolloutQuestion {
  /** Chosen by the asking process. */
  readonly id: string;
  /** Name of the handler. */
  readonly name: string;
}

export interface RolloutAnswer {
  /** ID of the question. */
  readonly id: string;
  /**
   * The version of the next run. Null if the handler is not loaded, so that the next run loads the version that is active
   * then. Undefined while it is being loaded, and if it could not be loaded.
   */
  readonly versionId: string | null | undefined;
}

/** Handler names contain no space or question mark, so executors that do not know this form ignore it. */
export async function askExecutors(db: Queryable, { id, name }: RolloutQuestion): Promise<void> {
  await db.query('select pg_notify($1, $2)', [HANDLERS_CHANNEL, `? ${id} ${name}`]);
}

/** Parses a question. Undefined for a notice of a change. */
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
