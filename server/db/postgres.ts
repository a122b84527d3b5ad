/** PostgreSQL 15 or later, by `pg`. */
import { Client, escapeIdentifier, Pool, TypeOverrides, types as pgTypes } from 'pg';
import type { ClientConfig, PoolClient } from 'pg';
import type { Database, Queryable } from './database.ts';

export interface PostgresOptions {
  readonly url: string;
  /** Connections at most. */
  readonly pool: number;
  /** Taken on by each connection; the login must be a member of it. */
  readonly role?: string;
  /** Where the tables are; default `public`. */
  readonly schema?: string;
  /** Told of a connection that was lost while idle. */
  readonly onLost?: (error: Error) => void;
}

/** Milliseconds between attempts to listen again. */
const LISTEN_RETRY_MS = 500;

/** Whole numbers of 64 bits, and sums of them, come as numbers: none here passes 2^53. */
const types = new TypeOverrides();
types.setTypeParser(pgTypes.builtins.INT8, Number);
types.setTypeParser(pgTypes.builtins.NUMERIC, Number);

export function openPostgres(options: PostgresOptions): Database {
  const settings = [
    ...(options.role === undefined ? [] : [`-c role=${options.role}`]),
    ...(options.schema === undefined ? [] : [`-c search_path=${options.schema}`]),
    '-c statement_timeout=30000',
    '-c idle_in_transaction_session_timeout=60000',
  ].join(' ');
  const connection: ClientConfig = {
    connectionString: options.url,
    types,
    options: settings,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  };
  const onLost = options.onLost ?? (() => undefined);
  const pool = new Pool({ ...connection, max: options.pool, idleTimeoutMillis: 30_000 });
  // Without a listener a lost idle connection would end the process.
  pool.on('error', onLost);
  return {
    kind: 'postgres',
    ...queries(pool),
    async transaction(work) {
      const client = await pool.connect();
      let broken = false;
      // The pool listens on idle ones alone; between two statements nobody else does.
      const onBroken = (error: Error): void => {
        broken = true;
        onLost(error);
      };
      client.on('error', onBroken);
      try {
        await client.query('begin');
        const result = await work(queries(client));
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback').catch(() => (broken = true));
        throw error;
      } finally {
        client.off('error', onBroken);
        client.release(broken);
      }
    },
    listen: (channel, onNotice) => listen(connection, channel, onNotice, onLost),
    close: () => pool.end(),
  };
}

function queries(on: Pool | PoolClient): Queryable {
  return {
    async query<Row>(text: string, values: readonly unknown[] = []) {
      const { rows } = await on.query({ text, values: [...values] });
      return rows as Row[];
    },
    async execute(text) {
      // Of several statements pg gives a list, which its types do not tell.
      const results: unknown = await on.query(text);
      const all: { readonly rows: unknown[] }[] = [results].flat() as { rows: unknown[] }[];
      return all.flatMap(({ rows }) => rows);
    },
  };
}

/** A connection of its own that listens, and is made anew when it is lost. */
async function listen(
  connection: ClientConfig,
  channel: string,
  onNotice: (payload: string) => void,
  onLost: (error: Error) => void,
): Promise<() => Promise<void>> {
  let client: Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let stopped = false;

  const open = async (): Promise<void> => {
    const fresh = new Client(connection);
    // One that never was is tried again by who opened it; both would double their number at each attempt.
    let isUp = false;
    const again = (error: Error): void => {
      if (!isUp || stopped) return;
      isUp = false;
      onLost(error);
      void fresh.end().catch(() => undefined);
      retry = setTimeout(reopen, LISTEN_RETRY_MS);
    };
    fresh.on('error', again);
    fresh.on('end', () => again(new Error('the connection was closed')));
    fresh.on('notification', ({ payload }) => onNotice(payload ?? ''));
    client = fresh;
    try {
      await fresh.connect();
      await fresh.query(`listen ${escapeIdentifier(channel)}`);
    } catch (error) {
      void fresh.end().catch(() => undefined);
      throw error;
    }
    isUp = true;
  };
  const reopen = (): void => {
    open().then(
      () => onNotice(''),
      (error: unknown) => {
        if (stopped) return;
        onLost(error instanceof Error ? error : new Error(String(error)));
        retry = setTimeout(reopen, LISTEN_RETRY_MS);
      },
    );
  };
  await open();
  return async () => {
    stopped = true;
    clearTimeout(retry);
    await client?.end().catch(() => undefined);
  };
}
