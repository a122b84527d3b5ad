/** The program of a guest process: an executor, which runs handlers and serves nothing else. */
import { openDatabase, openLazily } from '../db/open.ts';
import { openSocketDatabase } from '../db/socket/client.ts';
import { socketPath } from '../db/socket/path.ts';
import { canSharePort } from './listen.ts';
import { serveGuests } from './serve-guests.ts';
import { readProcessSettings, runService } from './service.ts';

const { config, runPort } = readProcessSettings();
// Without `DATABASE_URL` the web process owns the database.
const isEmbedded = config.databaseUrl === undefined;
const db = isEmbedded
  ? openSocketDatabase({ path: socketPath(config) })
  : openLazily(() => openDatabase(config, { role: 'executor' }), 'postgres');
const executor = await serveGuests({
  config,
  port: runPort,
  db,
  // The embedded database takes seconds to open; the first examples are called before.
  hasExamples: isEmbedded,
  sharesPort: await canSharePort(),
});
runService(config, {
  open: () => executor.open(),
  async close() {
    await executor.close();
    await db.close();
  },
});
