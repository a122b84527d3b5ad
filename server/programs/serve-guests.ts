/** An executor at the run origin's port. */
import { loadExamples } from '../../examples/load.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/connection/database.ts';
import { listen } from '../process/supervisor/listen.ts';
import { probationAccess } from '../process/probation/probation-access.ts';
import { openSealer } from '../sealer.ts';
import { openStore } from '../store/open.ts';
import { createExecutor, type ExecutorService } from '../executor/service.ts';

export interface ServeGuestsOptions {
  readonly config: Config;
  readonly port: number;
  readonly db: Database;
  /** Whether examples can be called before the database is open. */
  readonly hasExamples: boolean;
  /** Whether other processes listen on the same port. */
  readonly sharesPort: boolean;
}

/** Starts listening. Exits the program with a message if the port is taken. */
export async function serveGuests(options: ServeGuestsOptions): Promise<ExecutorService> {
  const { config, port, db, hasExamples, sharesPort } = options;
  const probation = probationAccess();
  const executor = createExecutor({
    config,
    db,
    store: openStore(config, { isReadOnly: true }),
    sealer: await openSealer(config),
    // An example fetches this file from the documentation, which has a private address on a local server.
    egress: { allowedUrls: [`${config.webOrigin}/greeting.json`] },
    // The web process, which owns the embedded database.
    isQueueKept: config.databaseUrl === undefined,
    ...(hasExamples ? { examples: await loadExamples() } : {}),
    ...(probation === undefined ? {} : { probation }),
  });
  await listen(executor.app, { port, variable: 'RUN_PORT', host: config.listenHost, sharesPort });
  return executor;
}
