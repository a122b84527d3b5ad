/** A new database in memory, from the dump of one that was made before: PGlite takes seconds to make its files. */
import { PGlite } from '@electric-sql/pglite';
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../../scripts/paths.ts';
import type { Database } from '../../../server/db/connection/database.ts';
import { openPglite } from '../../../server/db/connection/pglite.ts';

const CACHE = join(root, 'node_modules', '.cache', 'trisiel');

/** Empty, as PostgreSQL makes one. */
export async function openNewPglite(): Promise<Database> {
  return openPglite(await readDump());
}

async function readDump(): Promise<Blob> {
  const manifest = await readFile(
    join(root, 'node_modules', '@electric-sql', 'pglite', 'package.json'),
  );
  const release = createHash('sha256').update(manifest).digest('hex').slice(0, 16);
  const path = join(CACHE, `pglite-${release}.tar`);
  const bytes = await readFile(path).catch(() => makeDump(path));
  return new Blob([bytes]);
}

/** Several processes may do it at once: each writes a file of its own, and the last one stays. */
async function makeDump(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const pglite = await PGlite.create();
  const dump = await pglite.dumpDataDir('none');
  await pglite.close();
  const bytes = new Uint8Array(await dump.arrayBuffer());
  await mkdir(CACHE, { recursive: true });
  const own = `${path}.${process.pid}`;
  await writeFile(own, bytes);
  await rename(own, path);
  return bytes;
}
