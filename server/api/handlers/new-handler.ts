/** Creates handlers. */
import type { Queryable } from '../../db/connection/database.ts';
import {
  countLivingHandlers,
  insertHandler,
  type HandlerRow,
  type NewHandler,
} from '../../db/handlers/handlers.ts';
import { ProblemError } from '../../problems/problems.ts';
import type { Caller } from '../auth/caller.ts';
import { generateName, nameTaken } from './names.ts';

/** Maximum number of generated names to try. */
const ATTEMPTS = 8;

/**
 * Creates a handler. Throws a `limit-reached` problem if the user has as many handlers as the tier allows, and a
 * `name-taken` problem if the name is taken. The caller must notify the executors.
 *
 * @param name if undefined, a name is generated
 */
export async function createHandler(
  tx: Queryable,
  user: Caller,
  name: string | undefined,
  fields: Omit<NewHandler, 'name' | 'ownerId'>,
): Promise<HandlerRow> {
  const { handlers } = user.limits;
  if ((await countLivingHandlers(tx, user.id)) >= handlers) {
    throw new ProblemError(
      'limit-reached',
      `You have ${handlers} handlers, which is what your tier allows. Delete one first.`,
    );
  }
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const made = await insertHandler(tx, {
      ...fields,
      ownerId: user.id,
      name: name ?? generateName(),
    });
    if (made !== undefined) return made;
    if (name !== undefined) throw nameTaken(name);
  }
  throw new Error('no generated name is free');
}
