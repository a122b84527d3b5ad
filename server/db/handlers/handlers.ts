/** Handlers. Every change notifies the executors by NOTIFY, in its transaction. */
import { randomUUIDv7 } from 'node:crypto';
import { onlyRow, type Queryable } from '../connection/database.ts';
import { lockUser } from '../accounts/users.ts';

export interface HandlerRow {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly description: string;
  readonly mode: 'sync' | 'async';
  readonly isPrivate: boolean;
  /** Whether system call traces of runs are recorded. */
  readonly keepsTrace: boolean;
  readonly policy: string | null;
  readonly activeVersion: number | null;
  readonly deletedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const COLUMNS = `handlers.id, handlers.owner_id as "ownerId", handlers.name, handlers.description, handlers.mode,
  handlers.is_private as "isPrivate", handlers.keeps_trace as "keepsTrace", handlers.policy,
  (select number from versions where versions.id = handlers.active_version_id) as "activeVersion",
  handlers.deleted_at as "deletedAt", handlers.created_at as "createdAt", handlers.updated_at as "updatedAt"`;

/** The channel; the payload is the handler's name. */
export const HANDLERS_CHANNEL = 'trisiel_handlers';

/** Invalidates the executors' cached entry of a handler when the transaction commits. */
export async function notifyHandler(tx: Queryable, name: string): Promise<void> {
  await tx.query('select pg_notify($1, $2)', [HANDLERS_CHANNEL, name]);
}

export interface NewHandler {
  readonly ownerId: string;
  readonly name: string;
  readonly description: string;
  readonly mode: 'sync' | 'async';
  readonly isPrivate: boolean;
  readonly keepsTrace?: boolean;
}

/** Returns undefined if the name is taken. */
export async function insertHandler(
  tx: Queryable,
  handler: NewHandler,
): Promise<HandlerRow | undefined> {
  const [made] = await tx.query<HandlerRow>(
    `insert into handlers (id, owner_id, name, description, mode, is_private, keeps_trace)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (name) where deleted_at is null do nothing returning ${COLUMNS}`,
    [
      randomUUIDv7(),
      handler.ownerId,
      handler.name,
      handler.description,
      handler.mode,
      handler.isPrivate,
      handler.keepsTrace ?? false,
    ],
  );
  return made;
}

export async function isNameTaken(db: Queryable, name: string): Promise<boolean> {
  const found = await db.query('select 1 from handlers where name = $1 and deleted_at is null', [
    name,
  ]);
  return found.length > 0;
}

/** Counts a user's active handlers. In a transaction it locks the user's row, so that a limit holds. */
export async function countLivingHandlers(tx: Queryable, ownerId: string): Promise<number> {
  await lockUser(tx, ownerId);
  const { count } = onlyRow(
    await tx.query<{ count: number }>(
      'select count(*)::int as count from handlers where owner_id = $1 and deleted_at is null',
      [ownerId],
    ),
  );
  return count;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Finds a handler of this owner: by ID, deleted or not, or by name if it is active. Purged handlers are not found.
 * @param lock locks its row until the transaction ends
 */
export async function findHandler(
  db: Queryable,
  ownerId: string,
  nameOrId: string,
  lock = false,
): Promise<HandlerRow | undefined> {
  // A name never has the form of an ID, so each query uses one index.
  const isOne = ID.test(nameOrId) ? 'id = $2::uuid' : 'name = $2 and deleted_at is null';
  const [handler] = await db.query<HandlerRow>(
    `select ${COLUMNS} from handlers
     where owner_id = $1 and ${isOne} and purged_at is null ${lock ? 'for update' : ''}`,
    [ownerId, nameOrId],
  );
  return handler;
}

/** Finds a handler of any owner, for administrators: by ID, deleted or not, or by name if it is active. */
export async function findHandlerOfAnybody(
  db: Queryable,
  nameOrId: string,
): Promise<HandlerRow | undefined> {
  const isOne = ID.test(nameOrId) ? 'id = $1::uuid' : 'name = $1 and deleted_at is null';
  const [handler] = await db.query<HandlerRow>(
    `select ${COLUMNS} from handlers where ${isOne} and purged_at is null`,
    [nameOrId],
  );
  return handler;
}

export interface HandlerFilter {
  readonly ownerId: string;
  readonly deleted: boolean;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** Lists deleted or active handlers, newest first. */
export function listHandlers(db: Queryable, filter: HandlerFilter): Promise<HandlerRow[]> {
  return db.query<HandlerRow>(
    `select ${COLUMNS} from handlers
     where owner_id = $1 and (deleted_at is not null) = $2 and purged_at is null
       and ($3::uuid is null or id < $3)
     order by id desc limit $4`,
    [filter.ownerId, filter.deleted, filter.after ?? null, filter.limit],
  );
}

export interface HandlerChange {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly mode?: 'sync' | 'async' | undefined;
  readonly isPrivate?: boolean | undefined;
  readonly keepsTrace?: boolean | undefined;
  /** Null removes the policy. */
  readonly policy?: string | null | undefined;
  /** Null restores. */
  readonly deletedAt?: Date | null | undefined;
}

/** Fails with unique_violation if the name is taken. */
export async function updateHandler(
  tx: Queryable,
  id: string,
  change: HandlerChange,
): Promise<HandlerRow> {
  const rows = await tx.query<HandlerRow>(
    `update handlers set name = coalesce($2, name), description = coalesce($3, description),
       mode = coalesce($4, mode), is_private = coalesce($5, is_private),
       policy = case when $6 then $7 else policy end,
       deleted_at = case when $8 then $9::timestamptz else deleted_at end,
       keeps_trace = coalesce($10, keeps_trace)
     where id = $1 returning ${COLUMNS}`,
    [
      id,
      change.name ?? null,
      change.description ?? null,
      change.mode ?? null,
      change.isPrivate ?? null,
      change.policy !== undefined,
      change.policy ?? null,
      change.deletedAt !== undefined,
      change.deletedAt ?? null,
      change.keepsTrace ?? null,
    ],
  );
  return onlyRow(rows);
}

/** Notifies the executors of all handlers of a user whose tier or lock has changed. */
export async function notifyHandlersOf(tx: Queryable, ownerId: string): Promise<void> {
  await tx.query(
    'select pg_notify($1, name) from handlers where owner_id = $2 and deleted_at is null',
    [HANDLERS_CHANNEL, ownerId],
  );
}
