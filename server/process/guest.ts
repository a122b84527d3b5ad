/** The program of a guest process: an executor, which runs handlers and serves nothing else. */
import { openDatabase, openLazily } from '../db/open.ts';
import { canSharePort } from './listen.ts';
import { serveGuests } from './serve-guests.ts';
import { readProcessSettings, runService } from './service.ts';

const { config, runPort } = readProcessSettings();
const db = openLazily(() => openDatabase(config, { role: 'executor' }), 'postgres');
const executor = await serveGuests({
  config,
  port: runPort,
  db,
  hasExamples: false,
  sharesPort: await canSharePort(),
});
runService({
  open: () => executor.open(),
  async close() {
    await executor.close();
    await db.close();
  },
});
