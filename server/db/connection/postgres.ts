/** PostgreSQL 15 or later, with the driver `pg`. */
import { Pool, TypeOverrides, types as pgTypes } from 'pg';
import type { ClientConfig, PoolClient } from 'pg';
import type { Database, Queryable } from './database.ts';
import { listenOnPostgres } from './postgres-listen.ts';
import { asUnavailable, DatabaseUnavailableError } from './unavailable.ts';

export interface PostgresOptions {
  readonly url: string;
  /** Maximum number of connections. */
  readonly pool: number;
  /** Role set on each connection; the login must be a member of it. */
  readonly role?: string;
  /** Schema of the tables; default `public`. */
  readonly schema?: string;
  /** Called with the error of a connection that was lost while idle. */
  readonly onLost?: (error: Error) => void;
  /** Milliseconds between probes of a connection that listens; default 5 s. */
  readonly probeMs?: number;
  /** Milliseconds until a statement without a response fails; default 35 s. */
  readonly answerMs?: number;
}

const STATEMENT_MS = 30_000;
/** Longer than the server's own timeout, which normally fires first. */
const ANSWER_MS = STATEMENT_MS + 5000;
const CONNECT_MS = 5000;
const KEEP_ALIVE_MS = 10_000;

/** 64-bit integers and their sums are parsed as numbers: none here exceeds 2^53. */
const types = new TypeOverrides();
types.setTypeParser(pgTypes.builtins.INT8, Number);
types.setTypeParser(pgTypes.builtins.NUMERIC, Number);

export function openPostgres(options: PostgresOptions): Database {
  const settings = [
    ...(options.role === undefined ? [] : [`-c role=${options.role}`]),
    ...(options.schema === undefined ? [] : [`-c search_path=${options.schema}`]),
    `-c statement_timeout=${STATEMENT_MS}`,
    '-c idle_in_transaction_session_timeout=60000',
    // Just-in-time compilation took 0.6 s for a statement of 0.3 s.
    '-c jit=off',
  ].join(' ');
  const connection: ClientConfig = {
    connectionString: options.url,
    types,
    options: settings,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  };
  const { onLost = () => undefined, answerMs = ANSWER_MS, probeMs } = options;
  const pool = new Pool({ ...connection, max: options.pool, idleTimeoutMillis: 30_000 });
  // Without a listener, losing an idle connection would end the process.
  pool.on('error', onLost);
  return {
    kind: 'postgres',
    ...queries(pool, answerMs),
    async transaction(work) {
      const client = await pool.connect().catch(rethrow);
      let isBroken = false;
      // The pool handles errors of idle connections only; this covers the time between two statements.
      const onBroken = (error: Error): void => {
        isBroken = true;
        onLost(error);
      };
      client.on('error', onBroken);
      const tx = queries(client, answerMs);
      try {
        await tx.query('begin');
        const result = await work(tx);
        await tx.query('commit');
        return result;
      } catch (error) {
        // The server rolls back a lost connection's transaction; sending ROLLBACK would wait forever.
        isBroken ||= error instanceof DatabaseUnavailableError;
        if (!isBroken) await tx.query('rollback').catch(() => (isBroken = true));
        throw error;
      } finally {
        client.off('error', onBroken);
        client.release(isBroken);
      }
    },
    listen: (channel, onNotice) =>
      listenOnPostgres({
        connection,
        channel,
        onNotice,
        onLost,
        ...(probeMs === undefined ? {} : { probeMs }),
      }).catch(rethrow),
    close: () => pool.end(),
  };
}

function queries(on: Pool | PoolClient, answerMs: number): Queryable {
  return {
    async query<Row>(text: string, values: readonly unknown[] = []) {
      // A connection with a dead peer accepts a statement and never answers.
      const statement = { text, values: [...values], query_timeout: answerMs };
      const { rows } = await on.query(statement).catch(rethrow);
      return rows as Row[];
    },
    async execute(text) {
      // For several statements pg returns an array, which its types omit.
      const results: unknown = await on.query(text).catch(rethrow);
      const all: { readonly rows: unknown[] }[] = [results].flat() as { rows: unknown[] }[];
      return all.flatMap(({ rows }) => rows);
    },
  };
}

function rethrow(error: unknown): never {
  throw asUnavailable(error);
}
