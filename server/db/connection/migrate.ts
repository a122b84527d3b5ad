/** Applies `migrations/` to a database: each file once, in order, in one transaction each. */
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Database, Queryable } from './database.ts';

export const MIGRATIONS_DIR = fileURLToPath(new URL('../../../migrations', import.meta.url));

export interface Migration {
  /** The file's name without its extension, such as `0001-accounts`. */
  readonly name: string;
  readonly text: string;
}

/** Advisory lock id; arbitrary, but used by nothing else. */
const LOCK = 7_305_411;

/** Reads the files in order. Throws if a number is missing or duplicated. */
export async function readMigrations(folder = MIGRATIONS_DIR): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file, i) => {
      if (Number(/^(\d{4})-[a-z0-9-]+\.sql$/.exec(file)?.[1]) !== i + 1) {
        throw new Error(
          `migrations/${file} must be called ${String(i + 1).padStart(4, '0')}-WHAT.sql`,
        );
      }
      return {
        name: file.slice(0, -'.sql'.length),
        text: await readFile(join(folder, file), 'utf8'),
      };
    }),
  );
}

/**
 * Applies missing migrations and returns their names. Several processes may call it at once: one does the work. Throws
 * if an applied file has changed, or if the database is newer than this program and `strict` is set.
 */
export async function migrate(db: Database, migrations: readonly Migration[]): Promise<string[]> {
  const applied: string[] = [];
  for (const migration of migrations) {
    if (await db.transaction((tx) => apply(tx, migration))) applied.push(migration.name);
  }
  return applied;
}

async function apply(tx: Queryable, migration: Migration): Promise<boolean> {
  await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
  await tx.execute(`create table if not exists schema_migrations (
    name text primary key,
    digest text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  )`);
  const digest = createHash('sha256').update(migration.text).digest('hex');
  const [known] = await tx.query<{ digest: string }>(
    'select digest from schema_migrations where name = $1',
    [migration.name],
  );
  if (known !== undefined) {
    if (known.digest === digest) return false;
    throw new Error(
      `migrations/${migration.name}.sql has changed since it was applied. Restore it, and put the change into a new file.`,
    );
  }
  await tx.execute(migration.text);
  await tx.query('insert into schema_migrations (name, digest) values ($1, $2)', [
    migration.name,
    digest,
  ]);
  return true;
}
