/** Configuration of handlers. Values come here sealed and leave sealed; only an executor opens them. */
import { onlyRow, type Queryable } from './database.ts';

export interface ConfigKey {
  readonly key: string;
  /** Name of the user who set it last. */
  readonly setBy: string;
  readonly updatedAt: Date;
}

export function listConfigKeys(db: Queryable, handlerId: string): Promise<ConfigKey[]> {
  return db.query<ConfigKey>(
    `select key, users.username as "setBy", config_values.updated_at as "updatedAt"
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
     on conflict (handler_id, key) do update set sealed_value = excluded.sealed_value, set_by = excluded.set_by`,
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

/** Whether there was such a key. */
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

/** Where a value is sealed to: it opens for this handler and key alone. */
export function placeOfValue(handlerId: string, key: string): string {
  return `config ${handlerId} ${key}`;
}
