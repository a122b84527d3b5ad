/** Opens the configured database and migrates it to the newest schema. */
import { dataPaths, type Config } from '../../config.ts';
import type { Database } from './database.ts';
import { migrate, readMigrations } from './migrate.ts';
import { openPglite } from './pglite.ts';
import { openPostgres } from './postgres.ts';
import { grantRoles, ROLES, type RoleName } from './roles.ts';

export interface OpenOptions {
  /** Role of this process; PostgreSQL only. */
  readonly role?: RoleName;
  readonly onLost?: (error: Error) => void;
}

/** Opens the database, migrates it, and grants roles. */
export async function openDatabase(config: Config, options: OpenOptions = {}): Promise<Database> {
  const migrations = await readMigrations();
  if (config.databaseUrl === undefined) {
    const db = await openPglite(dataPaths(config).database);
    await migrate(db, migrations);
    return db;
  }
  const common = {
    url: config.databaseUrl,
    ...(options.onLost === undefined ? {} : { onLost: options.onLost }),
  };
  const owner = openPostgres({ ...common, pool: 1 });
  let granted: boolean;
  try {
    await migrate(owner, migrations);
    granted = await grantRoles(owner);
  } finally {
    await owner.close();
  }
  const role = granted && options.role !== undefined ? { role: ROLES[options.role].name } : {};
  return openPostgres({ ...common, pool: config.databasePool, ...role });
}

/**
 * Returns a database immediately, whose statements wait until it is open: opening PGlite takes seconds. If opening
 * fails, waiting statements reject, and the next one retries.
 */
export function openLazily(open: () => Promise<Database>, kind: Database['kind']): Database {
  let opened: Promise<Database> | undefined;
  const ready = (): Promise<Database> => {
    opened ??= open().catch((error: unknown) => {
      opened = undefined;
      throw error;
    });
    return opened;
  };
  return {
    kind,
    query: async (text, values) => (await ready()).query(text, values),
    execute: async (text) => (await ready()).execute(text),
    transaction: async (work) => (await ready()).transaction(work),
    listen: async (channel, onNotice) => (await ready()).listen(channel, onNotice),
    close: async () => (await opened?.catch(() => undefined))?.close(),
  };
}
