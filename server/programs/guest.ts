/** The program of an executor process, which runs handlers and serves nothing else. */
import { openExecutorDatabase } from './executor-database.ts';
import { canSharePort } from '../process/supervisor/listen.ts';
import { serveGuests } from './serve-guests.ts';
import { readProcessSettings, runService } from './service.ts';

const { config, runPort } = readProcessSettings();
const sharesPort = await canSharePort();
const db = openExecutorDatabase(config);
const executor = await serveGuests({
  config,
  port: runPort,
  db,
  // The embedded database takes seconds to open. Examples can be called before.
  hasExamples: config.databaseUrl === undefined,
  sharesPort,
});
runService(config, {
  sharesPort,
  open: () => executor.open(),
  async close() {
    await executor.close();
    await db.close();
  },
});
