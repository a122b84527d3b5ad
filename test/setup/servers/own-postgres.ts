/** A migrated PostgreSQL for a single test file, which may stop and restart it. */
import { after, before, type TestContext } from 'node:test';
import { startPostgres, type RunningPostgres } from '../../../scripts/services/postgres.ts';
import { migrate, readMigrations } from '../../../server/db/connection/migrate.ts';
import { openPostgres } from '../../../server/db/connection/postgres.ts';

/** Returns a function that returns the server. Undefined: the test was skipped, with the reason. */
export function useOwnPostgres(): (t: TestContext) => RunningPostgres | undefined {
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
