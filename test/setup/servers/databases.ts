/** The databases that tests run on: PGlite, and a real PostgreSQL where one can be had. A schema a test. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, type TestContext } from 'node:test';
import type { Database } from '../../../server/db/connection/database.ts';
import { migrate, readMigrations } from '../../../server/db/connection/migrate.ts';
import { openPostgres } from '../../../server/db/connection/postgres.ts';
import { openSocketDatabase } from '../../../server/db/socket/client.ts';
import { shareDatabase } from '../../../server/db/socket/server.ts';
import { atEnd } from '../at-end.ts';
import { openNewPglite } from './new-pglite.ts';
import { useTestPostgres } from './test-postgres.ts';

export interface TestDatabases {
  /** An empty schema of its own, kept where the test fails. Undefined: the test was skipped, and told why. */
  empty(t: TestContext): Promise<Database | undefined>;
  /** The same with all migrations applied. */
  migrated(t: TestContext): Promise<Database | undefined>;
  /** The server's address, on PostgreSQL alone. */
  url(): string | undefined;
}

/** One suite a database, each with the same tests. */
export function onEachDatabase(name: string, tests: (databases: TestDatabases) => void): void {
  onDatabases(name, tests, 1);
}

/** The same at once, for tests that mostly wait. */
export function onEachDatabaseAtOnce(
  name: string,
  tests: (databases: TestDatabases) => void,
): void {
  onDatabases(name, tests, 2);
}

function onDatabases(
  name: string,
  tests: (databases: TestDatabases) => void,
  concurrency: number,
): void {
  suite(name, { concurrency }, () => {
    // Within one database, tests go one after the other: PGlite's connection has one schema at a time.
    suite('on PGlite', { concurrency: 1 }, () => tests(onPglite()));
    suite('on PostgreSQL', { concurrency: 1 }, () => tests(onPostgres()));
  });
}

/** The same on PGlite in another process's terms too: over a socket. */
export function onEveryDatabase(name: string, tests: (databases: TestDatabases) => void): void {
  onEachDatabase(name, tests);
  suite(`${name}, on PGlite over its socket`, { concurrency: 1 }, () => tests(onSocket()));
}

function onSocket(): TestDatabases {
  return onOneSession(async () => {
    const pglite = await openNewPglite();
    const folder = await mkdtemp(join(tmpdir(), 'trisiel-socket-'));
    const path = join(folder, 'database.sock');
    const server = await shareDatabase(pglite, path);
    const client = openSocketDatabase({ path });
    return {
      ...client,
      async close() {
        await client.close();
        await server.close();
        await pglite.close();
        await rm(folder, { recursive: true });
      },
    };
  });
}

export function onPglite(): TestDatabases {
  return onOneSession(openNewPglite);
}

function onOneSession(open: () => Promise<Database>): TestDatabases {
  let shared: Database | undefined;
  before(async () => {
    shared = await open();
  });
  after(() => shared?.close());
  const empty = async (): Promise<Database> => {
    if (shared === undefined) throw new Error('the database is not open');
    const schema = newSchemaName();
    // One connection: the schema of the test that runs.
    await shared.execute(`create schema ${schema}; set search_path to ${schema}`);
    return { ...shared, close: async () => undefined };
  };
  return { empty, migrated: migratedFrom(empty), url: () => undefined };
}

export function onPostgres(): TestDatabases {
  const databases = useTestPostgres();
  let last: string | undefined;
  const open = (t: TestContext, url: string | undefined): Database | undefined => {
    if (url === undefined) return undefined;
    last = url;
    const db = openPostgres({ url, pool: 8 });
    atEnd(t, () => db.close());
    return db;
  };
  return {
    empty: async (t) => open(t, await databases.empty(t)),
    migrated: async (t) => open(t, await databases.migrated(t)),
    url: () => last,
  };
}

function migratedFrom(
  empty: (t: TestContext) => Promise<Database | undefined>,
): (t: TestContext) => Promise<Database | undefined> {
  return async (t) => {
    const db = await empty(t);
    if (db !== undefined) await migrate(db, await readMigrations());
    return db;
  };
}

function newSchemaName(): string {
  return `test_${randomBytes(6).toString('hex')}`;
}
