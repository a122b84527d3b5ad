/** One migrated PostgreSQL for the tests of a file. */
import { after, before, type TestContext } from 'node:test';
import { startPostgres, type RunningPostgres } from '../../../scripts/services/postgres.ts';
import { migrate, readMigrations } from '../../../server/db/connection/migrate.ts';
import { openPostgres } from '../../../server/db/connection/postgres.ts';

/** Undefined where there is none: the test was skipped, and told why. */
export function onOnePostgres(): (t: TestContext) => RunningPostgres | undefined {
  let server: RunningPostgres | { readonly reason: string } = { reason: 'not started' };
  before(async () => {
    server = await startPostgres();
    if ('reason' in server) return;
    const db = openPostgres({ url: server.url, pool: 1 });
    await migrate(db, await readMigrations());
    await db.close();
  });
  after(() => ('stop' in server ? server.stop() : undefined));
  return (t) => {
    if ('url' in server) return server;
    t.skip(server.reason);
    return undefined;
  };
}
