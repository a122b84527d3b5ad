/** Finds the owners of handlers by name, without loading the handlers. */
import type { Queryable } from '../connection/database.ts';

export interface HandlerName {
  readonly name: string;
  readonly ownerId: string;
  readonly isPrivate: boolean;
}

/** Names of active handlers among the given ones. */
export function findNames(
  db: Pick<Queryable, 'query'>,
  names: readonly string[],
): Promise<HandlerName[]> {
  return db.query<HandlerName>(
    `select name, owner_id as "ownerId", is_private as "isPrivate" from handlers
     where name = any($1::text[]) and deleted_at is null`,
    [[...names]],
  );
}
