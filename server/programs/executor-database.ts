/** Opens the database for a process that runs guests. */
import type { Config } from '../config.ts';
import type { Database } from '../db/connection/database.ts';
import { openDatabase, openLazily } from '../db/connection/open.ts';
import { openSocketDatabase } from '../db/socket/client.ts';
import { socketPath } from '../db/socket/path.ts';

/** Without `DATABASE_URL` the web process owns the database. */
export function openExecutorDatabase(config: Config): Database {
  return config.databaseUrl === undefined
    ? openSocketDatabase({ path: socketPath(config) })
    : openLazily(() => openDatabase(config, { role: 'executor' }), 'postgres');
}
