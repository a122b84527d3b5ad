/**
 * Embedded PostgreSQL (PGlite) with its files in a folder: the default of `npm start`. It has one session; statements
 * queue.
 */
import { PGlite, types, type Transaction } from '@electric-sql/pglite';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { Database, Queryable } from './database.ts';
import { ResultBound } from './result-bound.ts';
import { asUnavailable } from './unavailable.ts';

export interface PgliteDatabase extends Database {
  /** Returns the same database with the rights of a role, which is set before each of its statements. */
  as(role: string): Database;
}

/** For statements of a role. The server's own statements limit their results themselves. */
const MAX_RESULT_BYTES = 64 * 1024 * 1024;
const CHANNEL = /^[a-z_][a-z0-9_]{0,62}$/;

/** Called before and after each statement. */
type OnStatement = (isRunning: boolean) => void;

/**
 * @param from folder of its files; undefined: in memory, lost at exit, empty or loaded from a dump (a tar file of a
 * database folder)
 */
export async function openPglite(
  from?: string | Blob,
  onStatement: OnStatement = () => undefined,
): Promise<PgliteDatabase> {
  const folder = typeof from === 'string' ? from : undefined;
  const unlock = folder === undefined ? async () => undefined : await lockFolder(folder);
  const parsers = { [types.INT8]: Number, [types.NUMERIC]: Number };
  const pglite = await PGlite.create({
    ...(folder === undefined ? {} : { dataDir: folder }),
    ...(from instanceof Blob ? { loadDataDir: from } : {}),
    parsers,
  });
  const session = new Session(pglite, onStatement);
  const close = async (): Promise<void> => {
    await pglite.close();
    await unlock();
  };
  return {
    ...session.database(undefined, close),
    as: (role) => session.database(role, async () => undefined),
  };
}

/** PGlite's one session, which statements and transactions of all roles use one after the other. */
class Session {
  readonly #pglite: PGlite;
  readonly #onStatement: OnStatement;
  readonly #exclusive = inOrder();
  readonly #bound: ResultBound;
  /** The role that is set; null if that is not certain. */
  #role: string | null | undefined;

  constructor(pglite: PGlite, onStatement: OnStatement) {
    this.#pglite = pglite;
    this.#onStatement = onStatement;
    this.#bound = new ResultBound(pglite);
  }

  /** @param role undefined for the owner of the database */
  database(role: string | undefined, close: () => Promise<void>): Database {
    const pglite = this.#pglite;
    const inTurn = <T>(work: () => Promise<T>): Promise<T> =>
      this.#exclusive(async () => {
        await this.#setRole(role);
        this.#bound.maxBytes = role === undefined ? undefined : MAX_RESULT_BYTES;
        try {
          return await work();
        } finally {
          this.#bound.maxBytes = undefined;
        }
      });
    const own = queries(pglite, this.#onStatement);
    return {
      kind: 'pglite',
      query: (text, values) => inTurn(() => own.query(text, values)),
      execute: (text) =>
        inTurn(async () => {
          try {
            return await own.execute(text);
          } catch (error) {
            // A failed text that began a transaction would leave it open for later statements.
            await pglite.exec('rollback').catch(() => undefined);
            throw error;
          }
        }),
      transaction: (work) => inTurn(() => transact(pglite, this.#onStatement, work)),
      async listen(channel, onNotice) {
        // PGlite puts the name into the text of a statement.
        if (!CHANNEL.test(channel)) throw new RangeError('a channel must be a word in lower case');
        return pglite.listen(channel, onNotice).catch(rethrow);
      },
      close,
    };
  }

  async #setRole(role: string | undefined): Promise<void> {
    if (this.#role === role) return;
    this.#role = null;
    await this.#pglite.exec(role === undefined ? 'reset role' : `set role ${role}`).catch(rethrow);
    this.#role = role;
  }
}

async function transact<T>(
  pglite: PGlite,
  onStatement: OnStatement,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> {
  // Errors thrown by the work itself are passed on unchanged.
  let isOfWork = false;
  try {
    return await pglite.transaction(async (tx) => {
      isOfWork = true;
      const result = await work(queries(tx, onStatement));
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

function queries(on: PGlite | Transaction, onStatement: OnStatement): Queryable {
  const watched = async <T>(run: () => Promise<T>): Promise<T> => {
    onStatement(true);
    try {
      return await run();
    } catch (error) {
      throw asUnavailable(error);
    } finally {
      onStatement(false);
    }
  };
  return {
    async query<Row>(text: string, values: readonly unknown[] = []) {
      const { rows } = await watched(() => on.query<Row>(text, [...values]));
      return rows;
    },
    async execute(text) {
      const results = await watched(() => on.exec(text));
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
        `The embedded database in ${folder} is in use by process ${holder}. Stop that process, set DATA_DIR to another folder, or set DATABASE_URL to a PostgreSQL server, which several processes can use.`,
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
