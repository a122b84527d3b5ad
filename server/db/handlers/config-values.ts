/** Configuration values of handlers. They are stored sealed; only executors open them. */
import { onlyRow, type Queryable } from '../connection/database.ts';

export interface ConfigKey {
  readonly key: string;
  /** Name of the user who set it last. */
  readonly setBy: string;
  readonly updatedAt: Date;
}

export function listConfigKeys(db: Queryable, handlerId: string): Promise<ConfigKey[]> {
  return db.query<ConfigKey>(
    `select key, users.username as "setBy", config_values.set_at as "updatedAt"
     from config_values join users on users.id = set_by where handler_id = $1 order by key`,
    [handlerId],
  );
}

/** All values of a handler, for the process that runs it. */
export function listSealedValues(
  db: Queryable,
  handlerId: string,
): Promise<{ readonly key: string; readonly sealedValue: Uint8Array }[]> {
  return db.query(
    'select key, sealed_value as "sealedValue" from config_values where handler_id = $1 order by key',
    [handlerId],
  );
}

export interface SealedValue {
  readonly handlerId: string;
  readonly key: string;
  readonly sealedValue: Uint8Array;
  readonly setBy: string;
}

export async function setConfigValue(tx: Queryable, value: SealedValue): Promise<void> {
  await tx.query(
    `insert into config_values (handler_id, key, sealed_value, set_by) values ($1, $2, $3, $4)
     on conflict (handler_id, key) do update set sealed_value = excluded.sealed_value,
       set_by = excluded.set_by, set_at = now()`,
    [value.handlerId, value.key, value.sealedValue, value.setBy],
  );
}

export async function countConfigKeys(tx: Queryable, handlerId: string): Promise<number> {
  const { count } = onlyRow(
    await tx.query<{ count: number }>(
      'select count(*)::int as count from config_values where handler_id = $1',
      [handlerId],
    ),
  );
  return count;
}

/** Returns whether the key existed. */
export async function unsetConfigValue(
  tx: Queryable,
  handlerId: string,
  key: string,
): Promise<boolean> {
  const gone = await tx.query(
    'delete from config_values where handler_id = $1 and key = $2 returning key',
    [handlerId, key],
  );
  return gone.length > 0;
}

/** A sealed value and its location, for resealing. */
export interface SealedRow {
  readonly handlerId: string;
  readonly key: string;
  readonly sealedValue: Uint8Array;
}

/** Returns values that were sealed with a different key than the one with this header, in order, after a position. */
export function listSealedOtherwise(
  db: Queryable,
  head: Uint8Array,
  page: {
    readonly after: Pick<SealedRow, 'handlerId' | 'key'> | undefined;
    readonly limit: number;
  },
): Promise<SealedRow[]> {
  return db.query<SealedRow>(
    `select handler_id as "handlerId", key, sealed_value as "sealedValue" from config_values
     where substring(sealed_value for 5) <> $1 and ($2::uuid is null or (handler_id, key) > ($2, $3::text))
     order by handler_id, key limit $4`,
    [head, page.after?.handlerId ?? null, page.after?.key ?? null, page.limit],
  );
}

/** Replaces a value with its resealed form, unless it was set meanwhile. */
export async function resealValue(
  db: Queryable,
  row: SealedRow,
  sealed: Uint8Array,
): Promise<void> {
  await db.query(
    `update config_values set sealed_value = $4
     where handler_id = $1 and key = $2 and sealed_value = $3`,
    [row.handlerId, row.key, row.sealedValue, sealed],
  );
}

/** Binds a sealed value to its location: it opens only for this handler and key. */
export function placeOfValue(handlerId: string, key: string): string {
  return `config ${handlerId} ${key}`;
}
