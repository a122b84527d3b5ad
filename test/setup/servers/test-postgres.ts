/**
 * PostgreSQL for tests: one server for a whole run, which `npm test` starts, or one for a file that runs alone. Each test
 * has a database of its own, copied from one with all migrations.
 */
import { randomBytes } from 'node:crypto';
import { after, before, type TestContext } from 'node:test';
import { startPostgres, type RunningPostgres } from '../../../scripts/services/postgres.ts';
import { migrate, readMigrations } from '../../../server/db/connection/migrate.ts';
import { openPostgres } from '../../../server/db/connection/postgres.ts';
import { grantRoles } from '../../../server/db/connection/roles.ts';
import { atEnd } from '../at-end.ts';

/** Environment variable with the URL of the run's server, for the processes of test files. */
export const SHARED_POSTGRES = 'TEST_POSTGRES_URL';
const TEMPLATE = 'migrated';

/** Starts a server with the template, or returns why it cannot. */
export async function startTestPostgres(): Promise<RunningPostgres | { readonly reason: string }> {
  const server = await startPostgres();
  if ('reason' in server) return server;
  try {
    await execute(server.url, `create database ${TEMPLATE}`);
    const db = openPostgres({ url: urlOf(server.url, TEMPLATE), pool: 1 });
    await migrate(db, await readMigrations());
    // Roles belong to the whole server, so test files that run simultaneously would conflict.
    await grantRoles(db);
    await db.close();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Makes databases, each of which is dropped when its test ends. */
export interface NewDatabases {
  /** Returns the URL of a database with all migrations. Undefined: the test was skipped, with the reason. */
  migrated(t: TestContext): Promise<string | undefined>;
  /** Returns the URL of a database without tables. */
  empty(t: TestContext): Promise<string | undefined>;
}

/** Prepares databases for the tests of the calling file or suite. */
export function useTestPostgres(): NewDatabases {
  const shared = process.env[SHARED_POSTGRES];
  let own: RunningPostgres | { readonly reason: string } | undefined;
  before(async () => {
    if (shared === undefined) own = await startTestPostgres();
  });
  after(() => (own !== undefined && 'stop' in own ? own.stop() : undefined));
  const create = async (t: TestContext, template: string): Promise<string | undefined> => {
    if (own !== undefined && 'reason' in own) {
      t.skip(own.reason);
      return undefined;
    }
    const url = shared ?? own?.url;
    if (url === undefined) throw new Error('PostgreSQL is not started');
    const database = await createDatabase(url, template);
    atEnd(t, database.drop);
    return database.url;
  };
  return {
    migrated: (t) => create(t, TEMPLATE),
    empty: (t) => create(t, 'template0'),
  };
}

export interface NewDatabase {
  readonly url: string;
  readonly drop: () => Promise<void>;
}

/** Creates a database with all migrations on the server of the run. Undefined: there is no such server. */
export async function createSharedDatabase(): Promise<NewDatabase | undefined> {
  const shared = process.env[SHARED_POSTGRES];
  return shared === undefined ? undefined : createDatabase(shared, TEMPLATE);
}

async function createDatabase(server: string, template: string): Promise<NewDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await execute(server, `create database ${name} template ${template}`);
  const drop = (): Promise<void> => execute(server, `drop database ${name} with (force)`);
  return { url: urlOf(server, name), drop };
}

async function execute(url: string, text: string): Promise<void> {
  const db = openPostgres({ url, pool: 1 });
  await db.execute(text).finally(() => db.close());
}

function urlOf(server: string, database: string): string {
  return new URL(`/${database}`, server).href;
}
