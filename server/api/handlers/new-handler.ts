/** Makes a handler, for each endpoint that does. */
import type { Queryable } from '../../db/connection/database.ts';
import {
  countLivingHandlers,
  insertHandler,
  type HandlerRow,
  type NewHandler,
} from '../../db/handlers/handlers.ts';
import { ProblemError } from '../../problems/problems.ts';
import type { Caller } from '../auth/caller.ts';
import { makeUpName, nameTaken } from './names.ts';

/** Made-up names that are tried. */
const ATTEMPTS = 8;

/**
 * Throws a `limit-reached` problem if the user has as many handlers as the tier allows, and `name-taken`. The caller
 * notifies the executors.
 *
 * @param name undefined: one is made up
 */
export async function makeHandler(
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
      name: name ?? makeUpName(),
    });
    if (made !== undefined) return made;
    if (name !== undefined) throw nameTaken(name);
  }
  throw new Error('no made-up name is free');
}
