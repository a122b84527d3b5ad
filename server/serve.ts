/** One process: the web origin, the run origin, or both, over one database, one store and one key. */
import { pino } from 'pino';
import { loadExamples } from '../examples/load.ts';
import { registerApi } from './api/app.ts';
import { Housekeeper } from './api/housekeeper.ts';
import type { Config } from './config.ts';
import type { Database } from './db/database.ts';
import { openDatabase, openLazily } from './db/open.ts';
import type { RoleName } from './db/roles.ts';
import { deployExamples } from './executor/deploy-examples.ts';
import { createExecutor } from './executor/service.ts';
import { closeApp, listen } from './listen.ts';
import { openSealer } from './sealer.ts';
import { openStore } from './store/open.ts';
import { buildWebApp } from './web/app.ts';

export interface ServeOptions {
  readonly config: Config;
  /** The built documentation. */
  readonly siteDir: string;
  /** Undefined: this process does not serve the web origin. */
  readonly webPort?: number;
  /** Undefined: this process runs no handlers. */
  readonly runPort?: number;
}

export interface Serving {
  /** Opens the database, and deploys the examples where this process may. */
  open(): Promise<void>;
  close(): Promise<void>;
}

interface Part {
  readonly open: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const RETRY_MS = 2000;

/** Listens; ends the program with a sentence where a port is taken. */
export async function serve(options: ServeOptions): Promise<Serving> {
  const { config, webPort, runPort } = options;
  const opened = new Map<RoleName, Database>();
  // The embedded database is one connection, which knows no roles.
  const database = (role: RoleName): Database => {
    const key = config.databaseUrl === undefined ? 'api' : role;
    const known = opened.get(key);
    if (known !== undefined) return known;
    const kind = config.databaseUrl === undefined ? 'pglite' : 'postgres';
    const fresh = openLazily(() => openDatabase(config, { role }), kind);
    opened.set(key, fresh);
    return fresh;
  };
  const parts: Part[] = [];
  if (webPort !== undefined) parts.push(await serveWeb(options, webPort, database('api')));
  if (runPort !== undefined) {
    parts.push(await serveRun(config, runPort, database('executor'), webPort !== undefined));
  }
  return {
    open: async () => void (await Promise.all(parts.map((part) => part.open()))),
    async close() {
      await Promise.all(parts.map((part) => part.close()));
      await Promise.all(Array.from(opened.values(), (db) => db.close()));
    },
  };
}

async function serveWeb(
  { config, siteDir }: ServeOptions,
  port: number,
  db: Database,
): Promise<Part> {
  const { runOrigin, trustProxy, listenHost } = config;
  const store = openStore(config);
  const sealer = await openSealer(config);
  const app = await buildWebApp({ siteDir, runOrigin, trustProxy });
  await registerApi(app, { config, db, store, sealer });
  await listen(app, port, 'PORT', listenHost);
  const log = pino({ level: config.logLevel });
  const housekeeper = new Housekeeper({
    db,
    store,
    sealer,
    keepDays: config.keepDays,
    admins: config.admins,
    log,
  });
  let isEnding = false;
  return {
    async open() {
      housekeeper.start();
      // In one process with the executor, that one deploys them.
      if (config.databaseUrl === undefined) return;
      const examples = await loadExamples();
      while (!isEnding) {
        try {
          await deployExamples({ db, store, sealer, examples, origin: config.webOrigin });
          return;
        } catch (error) {
          log.error({ err: error }, 'the examples could not be deployed; it is tried again');
          await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
      }
    },
    async close() {
      isEnding = true;
      await Promise.all([housekeeper.stop(), closeApp(app)]);
    },
  };
}

async function serveRun(
  config: Config,
  port: number,
  db: Database,
  isWithWeb: boolean,
): Promise<Part> {
  const executor = createExecutor({
    config,
    db,
    store: openStore(config),
    sealer: await openSealer(config),
    // An example fetches this file of the documentation, which at home has a private address.
    egress: { allowedUrls: [`${config.webOrigin}/greeting.json`] },
    ...(isWithWeb ? { examples: await loadExamples() } : {}),
  });
  await listen(executor.app, port, 'RUN_PORT', config.listenHost);
  return executor;
}
