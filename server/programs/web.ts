/**
 * The program of the web process: documentation, panel, API and sign-in. It runs no guest. Without `DATABASE_URL` it owns
 * the embedded database, and shares it with the guest processes over a socket.
 */
import { pino } from 'pino';
import { openDatabase, openLazily } from '../db/connection/open.ts';
import { socketPath } from '../db/socket/path.ts';
import { serveWeb } from './serve-web.ts';
import { checkReady } from './check-ready.ts';
import { readProcessSettings, runService, siteDir } from './service.ts';
import { shareWhenOpen } from './share-database.ts';

const { config, webPort, runPort } = readProcessSettings();
const isEmbedded = config.databaseUrl === undefined;
const db = openLazily(
  () => openDatabase(config, { role: 'api' }),
  isEmbedded ? 'pglite' : 'postgres',
);
const web = await serveWeb({
  ...{ config, siteDir, port: webPort, db },
  // With PostgreSQL executors may be on other machines, which are watched by themselves.
  ...(isEmbedded ? { checkExecutors: () => checkReady(config.listenHost, runPort) } : {}),
});
const log = pino({ level: config.logLevel });
const sharing = isEmbedded ? shareWhenOpen({ db, path: socketPath(config), log }) : undefined;
runService(config, {
  async open() {
    // Guest processes already serve the examples. Their runs can be written once the examples are deployed.
    await web.open();
    await sharing?.open();
  },
  async close() {
    await web.close();
    await sharing?.close();
    await db.close();
  },
});
