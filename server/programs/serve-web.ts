/** The web origin: documentation, panel and API on one port, and the housekeeping of the database. */
import { loadExamples } from '../../examples/load.ts';
import { registerApi } from '../api/app.ts';
import { Housekeeper } from '../api/housekeeping/housekeeper.ts';
import { Rechecker } from '../api/uploads/rechecker.ts';
import { Validator } from '../api/module-check/validator.ts';
import type { ApiOptions } from '../api/services.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/connection/database.ts';
import { deployExamples } from '../executor/handlers/deploy-examples.ts';
import { closeApp, listen } from '../process/supervisor/listen.ts';
import { createLog } from '../log.ts';
import { openSealer } from '../sealer.ts';
import { openStore } from '../store/open.ts';
import { reportStore } from '../store/report.ts';
import { buildWebApp } from '../web/app.ts';

export interface ServeWebOptions {
  readonly config: Config;
  /** The built documentation. */
  readonly siteDir: string;
  readonly port: number;
  readonly db: Database;
  /** See {@link ApiOptions}. */
  readonly checkExecutors?: ApiOptions['checkExecutors'];
}

export interface WebService {
  /** Opens the database and deploys the examples. Retries until that succeeds or the service is closed. */
  open(): Promise<void>;
  close(): Promise<void>;
}

const RETRY_MS = 2000;

/** Starts listening. Exits the program with a message if the port is taken. */
export async function serveWeb({
  config,
  siteDir,
  port,
  db,
  checkExecutors,
}: ServeWebOptions): Promise<WebService> {
  const { webOrigin, runOrigin, trustProxy, listenHost } = config;
  const store = openStore(config);
  const sealer = await openSealer(config);
  const app = await buildWebApp({ siteDir, webOrigin, runOrigin, trustProxy });
  await registerApi(app, {
    ...{ config, db, store, sealer },
    ...(checkExecutors === undefined ? {} : { checkExecutors }),
  });
  await listen(app, { port, variable: 'PORT', host: listenHost });
  const log = createLog(config.logLevel);
  const housekeeper = new Housekeeper({
    db,
    store,
    sealer,
    keepDays: config.keepDays,
    admins: config.admins,
    log,
  });
  const rechecker = new Rechecker({
    db,
    store,
    validator: new Validator({ timeoutMs: config.uploadCheckMs }),
    log,
  });
  let isEnding = false;
  return {
    async open() {
      housekeeper.start();
      void reportStore(store, log);
      const examples = await loadExamples();
      while (!isEnding) {
        try {
          await deployExamples({ db, store, sealer, examples, origin: config.webOrigin });
          await rechecker.start();
          return;
        } catch (error) {
          log.error({ err: error }, 'deploying the examples failed; retrying');
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    },
    async close() {
      isEnding = true;
      await Promise.all([housekeeper.stop(), rechecker.stop(), closeApp(app)]);
    },
  };
}
