/**
 * Embedded PostgreSQL (PGlite) with its files in a folder: the default of `npm start`. It has one session; statements
 * queue.
 */
import { PGlite, types, type Transaction } from '@electric-sql/pglite';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { Database, Queryable } from './database.ts';
import { asUnavailable } from './unavailable.ts';

/**
 * @param from folder of its files; undefined: in memory, lost at exit, empty or loaded from a dump (a tar file of a
 * database folder)
 */
export async function openPglite(from?: string | Blob): Promise<Database> {
  const folder = typeof from === 'string' ? from : undefined;
  const unlock = folder === undefined ? async () => undefined : await lockFolder(folder);
  const parsers = { [types.INT8]: Number, [types.NUMERIC]: Number };
  const pglite = await PGlite.create({
    ...(folder === undefined ? {} : { dataDir: folder }),
    ...(from instanceof Blob ? { loadDataDir: from } : {}),
    parsers,
  });
  const exclusive = inOrder();
  return {
    kind: 'pglite',
    query: (text, values) => exclusive(() => queries(pglite).query(text, values)),
    execute: (text) =>
      exclusive(async () => {
        try {
          return await queries(pglite).execute(text);
        } catch (error) {
          // A failed text that began a transaction would leave it open for later statements.
          await pglite.exec('rollback').catch(() => undefined);
          throw error;
        }
      }),
    transaction: (work) => exclusive(() => transact(pglite, work)),
    listen: async (channel, onNotice) => pglite.listen(channel, onNotice).catch(rethrow),
    async close() {
      await pglite.close();
      await unlock();
    },
  };
}

async function transact<T>(pglite: PGlite, work: (tx: Queryable) => Promise<T>): Promise<T> {
  // Errors thrown by the work itself are passed on unchanged.
  let isOfWork = false;
  try {
    return await pglite.transaction(async (tx) => {
      isOfWork = true;
      const result = await work(queries(tx));
      isOfWork = false;
      return result;
    });
  } catch (error) {
    throw isOfWork ? error : asUnavailable(error);
  }
}

/**
 * Runs tasks one after another, in call order. Between them the event loop gets a turn: PGlite works synchronously in
 * this thread, so a thousand statements would block everything else.
 */
function inOrder(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => undefined).then(() => new Promise((resolve) => setImmediate(resolve)));
    return done;
  };
}

function queries(on: PGlite | Transaction): Queryable {
  return {
    async query<Row>(text: string, values: readonly unknown[] = []) {
      const { rows } = await on.query<Row>(text, [...values]).catch(rethrow);
      return rows;
    },
    async execute(text) {
      const results = await on.exec(text).catch(rethrow);
      return results.flatMap(({ rows }): unknown[] => rows);
    },
  };
}

function rethrow(error: unknown): never {
  throw asUnavailable(error);
}

/** Two processes on one folder would corrupt it. The lock file holds the owner's process id. */
async function lockFolder(folder: string): Promise<() => Promise<void>> {
  await mkdir(folder, { recursive: true });
  const lock = `${folder}.lock`;
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' });
      return () => rm(lock, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (holder > 0 && holder !== process.pid && isAlive(holder)) {
      throw new Error(
        `The embedded database in ${folder} is in use by process ${holder}. Stop that one, or set DATA_DIR to another folder, or DATABASE_URL to a PostgreSQL that many may use.`,
      );
    }
    await rm(lock, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
