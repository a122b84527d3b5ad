/**
 * The program of the web process: documentation, panel, API and sign-in. It runs no guest. Without `DATABASE_URL` a thread of
 * it owns the embedded database, and shares it with the executor processes over a socket.
 */
import { pino } from 'pino';
import { dataPaths } from '../config.ts';
import { openDatabase, openLazily } from '../db/connection/open.ts';
import { openEmbedded } from '../db/embedded/embedded.ts';
import { socketPath } from '../db/socket/path.ts';
import { serveWeb } from './serve-web.ts';
import { checkReady } from './check-ready.ts';
import { readProcessSettings, runService, siteDir } from './service.ts';
import { shareWhenReady } from './share-database.ts';

const { config, webPort, runPort } = readProcessSettings();
const log = pino({ level: config.logLevel });
const embedded =
  config.databaseUrl === undefined
    ? openEmbedded({ from: dataPaths(config).database, log })
    : undefined;
const db = embedded ?? openLazily(() => openDatabase(config, { role: 'api' }), 'postgres');
const web = await serveWeb({
  ...{ config, siteDir, port: webPort, db },
  // With PostgreSQL executors may be on other machines, which are watched by themselves.
  ...(embedded ? { checkExecutors: () => checkReady(config.listenHost, runPort) } : {}),
});
const sharing = embedded && shareWhenReady({ db: embedded, path: socketPath(config), log });
runService(config, {
  async open() {
    // Executor processes already serve the examples. Their runs can be written once the examples are deployed.
    await web.open();
    await sharing?.open();
  },
  async close() {
    await web.close();
    await sharing?.close();
    await db.close();
  },
});
