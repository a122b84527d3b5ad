/**
 * Reads of an owner with many executions, on PostgreSQL: lists, filters, search, statistics and usage. The executions are
 * made in the database, spread evenly over 30 days and 20 handlers. Arguments: how many, default 1,000,000; and
 * `explain`, to show the plan of each statement that takes longer than the goal.
 */
import { randomUUIDv7 } from 'node:crypto';
import { startPostgres } from '../scripts/services/postgres.ts';
import { upsertUser } from '../server/db/accounts/users.ts';
import type { Database, Queryable } from '../server/db/connection/database.ts';
import { sqlState } from '../server/db/connection/database.ts';
import { migrate, readMigrations } from '../server/db/connection/migrate.ts';
import { openPostgres } from '../server/db/connection/postgres.ts';
import { insertHandler } from '../server/db/handlers/handlers.ts';
import type { ExecutionPage } from '../server/db/runs/execution-reads.ts';
import { listExecutions } from '../server/db/runs/execution-search.ts';
import { COUNT_ENDED } from '../server/db/runs/executions.ts';
import { readStatistics, type StatisticsFilter } from '../server/db/runs/statistics.ts';
import { listUsage } from '../server/db/runs/usage.ts';
import { median } from './measure/median.ts';

const EXECUTIONS = 1_000_000;
const HANDLERS = 20;
const DAYS = 30;
const DAY_MS = 86_400_000;
const ROUNDS = 5;
const GOAL_MS = 50;
const SEARCH_GOAL_MS = 1000;

export async function run(args: readonly string[]): Promise<void> {
  const count = Number(args.find((each) => each !== 'explain') ?? EXECUTIONS);
  if (!(count >= 1)) throw new Error('Give the number of executions.');
  const isExplained = args.includes('explain');
  const postgres = await startPostgres();
  if ('reason' in postgres) throw new Error(postgres.reason);
  const db = openPostgres({ url: postgres.url, pool: 2 });
  let worst = 0;
  try {
    await migrate(db, await readMigrations());
    const made = await makeExecutions(db, count);
    const statements: Statement[] = [];
    const watched = watch(db, statements);
    for (const { name, goalMs, read } of readsOf(watched, made)) {
      const times: number[] = [];
      let rows = '';
      for (let round = 0; round <= ROUNDS; round++) {
        statements.length = 0;
        const from = performance.now();
        rows = await read().then(
          (found) => `${found.length} rows`,
          (error: unknown) => {
            if (sqlState(error) !== '57014') throw error;
            return 'ended by its bound';
          },
        );
        if (round > 0) times.push(performance.now() - from);
      }
      const ms = median(times);
      worst = Math.max(worst, ms / goalMs);
      console.log(`${name.padEnd(44)} ${ms.toFixed(1).padStart(8)} ms  ${rows}`);
      if (isExplained && ms > goalMs) await explain(db, statements);
    }
  } finally {
    await db.close();
    await postgres.stop();
  }
  console.log(
    `reads: ${count} executions, the slowest read takes ${worst.toFixed(2)} times its goal (${GOAL_MS} ms, search ${SEARCH_GOAL_MS} ms)`,
  );
}

interface MadeExecutions {
  readonly ownerId: string;
  readonly handlerId: string;
  readonly newest: Date;
}

async function makeExecutions(db: Database, count: number): Promise<MadeExecutions> {
  const { id: ownerId } = await upsertUser(db, {
    issuer: 'bench',
    subject: 'owner',
    username: 'owner',
    email: null,
    isAdmin: false,
  });
  const handlerIds: string[] = [];
  for (let at = 0; at < HANDLERS; at++) {
    const handler = await insertHandler(db, {
      ownerId,
      name: `bench-${at}`,
      description: '',
      mode: 'sync',
      isPrivate: false,
    });
    if (handler !== undefined) handlerIds.push(handler.id);
  }
  const newest = new Date();
  const spanMs = DAYS * DAY_MS;
  const part = 100_000;
  for (let from = 0; from < count; from += part) {
    await db.query(MAKE, [
      ownerId,
      handlerIds,
      randomUUIDv7(),
      newest.getTime() - spanMs,
      spanMs / count,
      from,
      Math.min(count, from + part) - 1,
    ]);
  }
  await db.execute('vacuum analyze');
  return { ownerId, handlerId: handlerIds[3] ?? '', newest };
}

/** Ids begin with the time, as the server's do. One execution of a thousand has an outcome that is rare. */
const MAKE = `with ended as (insert into executions (id, call_id, handler_id, version_id, owner_id, status, method, path, http_status,
    exit_code, trap, gas, memory_pages, bytes_out, wall_ms, log, log_text, started_at)
  select id, id, ($2::uuid[])[1 + n % ${HANDLERS}], $3, $1, status, 'GET', '/run/bench/?n=' || n,
    case when status <> 'succeeded' then 502 when n % 100 = 1 then 404 else 200 end, 0,
    case when status = 'stopped' then '{"code": "gas", "message": "used up", "backtrace": []}'::jsonb end,
    10000 + n % 1000, 1, 130, 0.2 + (n % 97) / 10.0,
    jsonb_build_array(jsonb_build_object('level', 1, 'text', text, 'atMs', 1)), text,
    timestamptz '1970-01-01Z' + ms * interval '1 ms'
  from (
    select n, ms, 'request ' || n || ' answered for user-' || n % 1000 as text,
      case when n % 1000 = 7 then 'stopped' when n % 100 = 13 then 'failed' when n % 50000 = 5 then 'timed-out'
        else 'succeeded' end as status,
      (substr(hex, 1, 8) || '-' || substr(hex, 9) || '-7' || substr(noise, 1, 3) || '-8' || substr(noise, 4, 3) || '-' ||
        substr(noise, 7, 12))::uuid as id
    from (
      select n, ms, lpad(to_hex(ms), 12, '0') as hex, md5(n::text) as noise
      from (select n, ($4::float8 + n * $5::float8)::bigint as ms from generate_series($6::bigint, $7::bigint) as n) as times
    ) as parts
  ) as rows
  returning *
  ), ${COUNT_ENDED} select count(*) from ended`;

interface Read {
  readonly name: string;
  readonly goalMs: number;
  readonly read: () => Promise<readonly unknown[]>;
}

function readsOf(db: Database, { ownerId, handlerId, newest }: MadeExecutions): Read[] {
  const list = (name: string, change: Partial<ExecutionPage>, goalMs = GOAL_MS): Read => ({
    name,
    goalMs,
    read: () => listExecutions(db, { ownerId, limit: 50, ...change }),
  });
  const statistics = (
    name: string,
    intervalSeconds: StatisticsFilter['intervalSeconds'],
    count: number,
    handler?: string,
  ): Read => {
    const ms = intervalSeconds * 1000;
    const to = new Date((Math.floor(newest.getTime() / ms) + 1) * ms);
    const from = new Date(to.getTime() - count * ms);
    const filter = { ownerId, handlerId: handler, from, to, intervalSeconds };
    return {
      name,
      goalMs: GOAL_MS,
      read: async () => (await readStatistics(db, filter)).intervals,
    };
  };
  const ago = (days: number): Date => new Date(newest.getTime() - days * DAY_MS);
  const dayOf = (time: Date): string => time.toISOString().slice(0, 10);
  return [
    list('list', {}),
    list('list of a handler', { handlerId }),
    list('status failed', { status: 'failed' }),
    list('status timed-out (one of 50,000)', { status: 'timed-out' }),
    list('status interrupted (none)', { status: 'interrupted' }),
    list('status stopped of a handler', { status: 'stopped', handlerId }),
    list('HTTP 4xx', { httpClass: 4 }),
    list('HTTP 3xx (none)', { httpClass: 3 }),
    list('status succeeded', { status: 'succeeded' }),
    list('a minute three weeks ago', {
      since: ago(21),
      until: new Date(ago(21).getTime() + 60_000),
    }),
    list('failed, between 25 and 20 days ago', {
      status: 'failed',
      since: ago(25),
      until: ago(20),
    }),
    list('text in every log', { text: 'ANSWERED' }, SEARCH_GOAL_MS),
    list('text in one log of 1,000', { text: 'user-777' }, SEARCH_GOAL_MS),
    list('text in no log', { text: 'nowhere' }, SEARCH_GOAL_MS),
    list(
      'text in no log of a day',
      { text: 'nowhere', since: ago(9), until: ago(8) },
      SEARCH_GOAL_MS,
    ),
    statistics('statistics of an hour', 60, 60),
    statistics('statistics of a day', 900, 96),
    statistics('statistics of a week', 7200, 84),
    statistics('statistics of a week, one handler', 7200, 84, handlerId),
    {
      name: 'usage of 30 days',
      goalMs: GOAL_MS,
      read: () => listUsage(db, { ownerId, from: dayOf(ago(DAYS)), to: dayOf(newest) }),
    },
  ];
}

interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The database, which notes the statements that it is sent. */
function watch(db: Database, statements: Statement[]): Database {
  const watched = (on: Queryable): Queryable => ({
    query(text, values = []) {
      statements.push({ text, values });
      return on.query(text, values);
    },
    execute: (text) => on.execute(text),
  });
  return {
    ...db,
    ...watched(db),
    transaction: (work) => db.transaction((tx) => work(watched(tx))),
  };
}

/** Shows the plans of the last statements, which are those of the last part of a search. */
async function explain(db: Database, statements: readonly Statement[]): Promise<void> {
  for (const { text, values } of statements.slice(-2)) {
    const plan = await db.query<{ readonly 'QUERY PLAN': string }>(
      `explain (analyze, buffers) ${text}`,
      values,
    );
    for (const line of plan) console.log(`    ${line['QUERY PLAN']}`);
  }
}
