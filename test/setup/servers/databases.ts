/**
 * The databases that tests run on: PGlite with a schema for each test, and PostgreSQL, if there is one, with a database
 * for each.
 */
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
import { openMigratedPglite } from './new-pglite.ts';
import { SHARED_POSTGRES, useTestPostgres } from './test-postgres.ts';

export interface TestDatabases {
  /** Opens a database without tables. Undefined: the test was skipped, with the reason. */
  empty(t: TestContext): Promise<Database | undefined>;
  /** Opens a database with all migrations applied. */
  migrated(t: TestContext): Promise<Database | undefined>;
  /** The URL of the database that was opened last; PostgreSQL only. */
  url(): string | undefined;
}

/** Declares one suite per database, each with the same tests. */
export function onEachDatabase(name: string, tests: (databases: TestDatabases) => void): void {
  onDatabases(name, tests, 1);
}

/** Declares one suite, for tests that do not depend on the kind of database. */
export function onOneDatabase(name: string, tests: (databases: TestDatabases) => void): void {
  suite(name, { concurrency: 1 }, () => tests(onAnyDatabase()));
}

/**
 * Uses the PostgreSQL of the run, which takes a tenth of PGlite's CPU time per test, or PGlite if there is none, as
 * when a file runs alone.
 */
export function onAnyDatabase(): TestDatabases {
  return process.env[SHARED_POSTGRES] === undefined ? onPglite() : onPostgres();
}

/** Declares one suite per database, which run concurrently, for tests that mostly wait. */
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
    // Tests of one suite run in turn, because PGlite's connection has one schema at a time.
    suite('on PGlite', { concurrency: 1 }, () => tests(onPglite()));
    suite('on PostgreSQL', { concurrency: 1 }, () => tests(onPostgres()));
  });
}

/** Declares one suite per database, including PGlite over its socket, as other processes use it. */
export function onEveryDatabase(name: string, tests: (databases: TestDatabases) => void): void {
  onEachDatabase(name, tests);
  suite(`${name}, on PGlite over its socket`, { concurrency: 1 }, () => tests(onSocket()));
}

function onSocket(): TestDatabases {
  return onOneSession(async () => {
    const pglite = await openMigratedPglite();
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

function onPglite(): TestDatabases {
  return onOneSession(openMigratedPglite);
}

/** @param open returns a database with all migrations, in the schema `public` */
function onOneSession(open: () => Promise<Database>): TestDatabases {
  let shared: Database | undefined;
  let isNew = true;
  before(async () => {
    shared = await open();
  });
  after(() => shared?.close());
  const give = (): Database => {
    if (shared === undefined) throw new Error('the database is not open');
    return { ...shared, close: async () => undefined };
  };
  const empty = async (): Promise<Database> => {
    const db = give();
    const schema = `test_${randomBytes(6).toString('hex')}`;
    // There is one connection, so each test sets its schema.
    await db.execute(`create schema ${schema}; set search_path to ${schema}`);
    return db;
  };
  return {
    empty,
    async migrated() {
      // The first test uses the schema `public`. The others apply all migrations as one, which takes half the time.
      if (isNew) {
        isNew = false;
        return give();
      }
      const db = await empty();
      const texts = (await readMigrations()).map(({ text }) => text);
      await migrate(db, [{ name: 'all', text: texts.join('\n') }]);
      return db;
    },
    url: () => undefined,
  };
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
