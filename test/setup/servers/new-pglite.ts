/** A new database in memory, from a cached dump, because PGlite takes seconds to create its files. */
import { PGlite, type Transaction } from '@electric-sql/pglite';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../../scripts/paths.ts';
import type { Queryable } from '../../../server/db/connection/database.ts';
import { migrate, readMigrations, type Migration } from '../../../server/db/connection/migrate.ts';
import { openPglite, type PgliteDatabase } from '../../../server/db/connection/pglite.ts';

const CACHE = join(root, 'node_modules', '.cache', 'trisiel');

/** Opens an empty database. */
export async function openNewPglite(): Promise<PgliteDatabase> {
  return openPglite(await readDump('empty', await readRelease(), makeDump));
}

/** Opens a database with all migrations applied. */
export async function openMigratedPglite(): Promise<PgliteDatabase> {
  return openPglite(await readMigratedDump());
}

/** Returns the dump of a database with all migrations applied. */
export async function readMigratedDump(): Promise<Blob> {
  const migrations = await readMigrations();
  const version = [await readRelease(), ...migrations.map(({ text }) => text)].join('\n');
  return readDump('migrated', version, () => makeMigratedDump(migrations));
}

async function readRelease(): Promise<string> {
  return readFile(join(root, 'node_modules', '@electric-sql', 'pglite', 'package.json'), 'utf8');
}

/**
 * Reads a cached dump, or makes it. Several processes may do so at once: each writes its own file, and the last one
 * stays.
 */
async function readDump(name: string, version: string, make: () => Promise<Blob>): Promise<Blob> {
  const digest = createHash('sha256').update(version).digest('hex').slice(0, 16);
  const path = join(CACHE, `pglite-${name}-${digest}.tar`);
  const known = await readFile(path).catch(() => undefined);
  if (known !== undefined) return new Blob([known]);
  const dump = await make();
  await mkdir(CACHE, { recursive: true });
  const own = `${path}.${process.pid}`;
  await writeFile(own, new Uint8Array(await dump.arrayBuffer()));
  await rename(own, path);
  return dump;
}

async function makeDump(): Promise<Blob> {
  const pglite = await PGlite.create();
  const dump = await pglite.dumpDataDir('none');
  await pglite.close();
  return dump;
}

async function makeMigratedDump(migrations: readonly Migration[]): Promise<Blob> {
  const pglite = await PGlite.create();
  await migrate(
    {
      kind: 'pglite',
      ...queries(pglite),
      transaction: (work) => pglite.transaction((tx) => work(queries(tx))),
      listen: (channel, onNotice) => pglite.listen(channel, onNotice),
      close: () => pglite.close(),
    },
    migrations,
  );
  const dump = await pglite.dumpDataDir('none');
  await pglite.close();
  return dump;
}

function queries(on: PGlite | Transaction): Queryable {
  return {
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await on.query<Row>(text, [...values])).rows,
    execute: async (text) => (await on.exec(text)).flatMap(({ rows }): unknown[] => rows),
  };
}
