/** A supervisor with two executors on PostgreSQL, a handler with large quotas, and checks of the records of its calls. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { findFreePort } from '../../../scripts/services/free-port.ts';
import type { S3Settings } from '../../../server/config.ts';
import type { Database } from '../../../server/db/connection/database.ts';
import { openPostgres } from '../../../server/db/connection/postgres.ts';
import { Sealer } from '../../../server/sealer.ts';
import { openFileStore } from '../../../server/store/files.ts';
import { openS3Store } from '../../../server/store/s3.ts';
import type { ObjectStore } from '../../../server/store/store.ts';
import { atEnd } from '../at-end.ts';
import { Authors, type Author } from './executor-server.ts';
import { pause } from './fault-load.ts';
import { untilReady } from './started-server.ts';

const START = new URL('../../../scripts/start.ts', import.meta.url).pathname;
/** Maximum time without a new row: rows may be late, but must keep arriving. */
const STALLED_MS = 60_000;

export interface FaultWorld {
  readonly child: ChildProcess;
  readonly db: Database;
  readonly folder: string;
  readonly store: ObjectStore;
  readonly authors: Authors;
  readonly author: Author;
  readonly origin: string;
  /** URL of the handler that {@link deploy} changes. */
  readonly url: string;
  readonly name: string;
  /** Deploys a new version that answers with `text` and then sleeps. */
  readonly deploy: (text: string, sleepMs?: number) => Promise<string>;
}

export interface FaultWorldOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: objects are stored in files. */
  readonly s3?: S3Settings;
}

/** Resolves when the executors are ready. All ends with the test. */
export async function startFaultWorld(
  t: TestContext,
  databaseUrl: string,
  { environment = {}, s3 }: FaultWorldOptions = {},
): Promise<FaultWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-faults-'));
  const key = randomBytes(32);
  const port = await findFreePort();
  const child = spawn(process.execPath, [START, '--role', 'executor', '--processes', '2'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      DATA_DIR: folder,
      DATABASE_URL: databaseUrl,
      SECRET_KEYS: key.toString('base64'),
      RUN_PORT: String(port),
      LOG_LEVEL: 'silent',
      // Its handlers must not be blamed for the faults.
      PROBATION_RUNS: '0',
      ...(s3 === undefined
        ? {}
        : {
            S3_ENDPOINT: s3.endpoint,
            S3_REGION: s3.region,
            S3_BUCKET: s3.bucket,
            S3_ACCESS_KEY_ID: s3.accessKeyId,
            S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
          }),
      ...environment,
    },
  });
  const db = openPostgres({ url: databaseUrl, pool: 2 });
  atEnd(t, async () => {
    child.kill('SIGTERM');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    await db.close();
    await rm(folder, { recursive: true, force: true });
  });
  const store = s3 === undefined ? openFileStore(join(folder, 'modules')) : openS3Store(s3);
  const authors = new Authors(db, store, new Sealer([key]), 'http://localhost:4000');
  const author = await authors.make(2);
  const name = `faults-${randomBytes(4).toString('hex')}`;
  const deploy = (text: string, sleepMs = 2): Promise<string> =>
    authors.deploy(author, {
      name,
      body: `(call $show "Content-Type: text/plain\\n\\n${text}") (call $runtime_msleep #${sleepMs})`,
    });
  await deploy('0');
  const origin = `http://127.0.0.1:${port}`;
  await untilReady(origin);
  const url = `${origin}/run/${name}/`;
  return { child, db, folder, store, authors, author, origin, url, name, deploy };
}

/** Returns the ids of the child processes. */
export async function childrenOf({ pid }: ChildProcess): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}

/** Checks that every acknowledged run is in the database, and counted once in the usage. */
export async function expectAll(
  t: TestContext,
  { db, author, folder }: Pick<FaultWorld, 'db' | 'author' | 'folder'>,
  acknowledged: readonly string[],
): Promise<void> {
  assert.ok(acknowledged.length > 50, `only ${acknowledged.length} were acknowledged`);
  assert.equal(new Set(acknowledged).size, acknowledged.length);
  const began = performance.now();
  let missing: readonly string[] = acknowledged;
  let progressAt = began;
  while (missing.length > 0) {
    const rows = await db.query<{ id: string }>(
      'select id from unnest($1::uuid[]) as id where id not in (select id from executions)',
      [missing],
    );
    if (rows.length < missing.length) progressAt = performance.now();
    missing = rows.map(({ id }) => id);
    if (missing.length > 0 && performance.now() - progressAt > STALLED_MS) {
      const left = await findInJournals(folder, missing);
      assert.fail(
        `${missing.length} of ${acknowledged.length} acknowledged runs are not on record, ${left} of them in journals; such as ${missing.slice(0, 3).join(', ')}`,
      );
    }
    if (missing.length > 0) await pause(100);
  }
  const [sums] = await db.query<{ rows: number; usage: number }>(
    `select (select count(*)::int from executions where owner_id = $1 and status not in ('queued', 'running')) as rows,
       (select sum(runs)::int from usage_days where owner_id = $1) as usage`,
    [author.id],
  );
  assert.equal(sums?.usage, sums?.rows, 'usage differs from the number of rows');
  const waitedMs = Math.round(performance.now() - began);
  t.diagnostic(`${acknowledged.length} acknowledged, all on record after ${waitedMs} ms`);
}

/** Counts the runs that are in journal files of a machine. */
async function findInJournals(folder: string, ids: readonly string[]): Promise<number> {
  const names = await readdir(join(folder, 'runs'), { recursive: true }).catch(() => []);
  const texts = await Promise.all(
    names
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => readFile(join(folder, 'runs', name), 'utf8').catch(() => '')),
  );
  return ids.filter((id) => texts.some((text) => text.includes(id))).length;
}

/** Checks that every accepted call ends with one successful attempt, and that no attempt has two rows. */
export async function expectAllCalls(
  t: TestContext,
  { db }: Pick<FaultWorld, 'db'>,
  accepted: readonly string[],
): Promise<void> {
  const began = performance.now();
  let progressAt = began;
  let open = accepted.length;
  while (open > 0) {
    const rows = await db.query<{ status: string; n: number }>(
      `select status, count(*)::int as n from calls where id = any($1::uuid[]) group by 1`,
      [accepted],
    );
    const done = rows.find(({ status }) => status === 'succeeded')?.n ?? 0;
    if (accepted.length - done < open) progressAt = performance.now();
    open = accepted.length - done;
    assert.ok(
      performance.now() - progressAt < STALLED_MS,
      `of ${accepted.length} accepted calls: ${JSON.stringify(rows)}`,
    );
    if (open > 0) await pause(200);
  }
  const twice = await db.query(
    `select call_id, attempt from executions where call_id = any($1::uuid[]) group by 1, 2 having count(*) > 1`,
    [accepted],
  );
  assert.deepEqual(twice, [], 'an attempt was recorded twice');
  const [counts] = await db.query<{ attempts: number; succeeded: number }>(
    `select count(*)::int as attempts, count(*) filter (where status = 'succeeded')::int as succeeded
     from executions where call_id = any($1::uuid[])`,
    [accepted],
  );
  assert.equal(counts?.succeeded, accepted.length, 'not each call succeeded once');
  t.diagnostic(
    `${accepted.length} asynchronous calls by ${counts.attempts} attempts, all ended after ${Math.round(performance.now() - began)} ms`,
  );
}
