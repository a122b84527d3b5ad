/** A supervisor with two executors on PostgreSQL, a handler of an author who may run much, and what counts what became of calls. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { findFreePort } from '../../../scripts/services/free-port.ts';
import type { RunningPostgres } from '../../../scripts/services/postgres.ts';
import type { S3Settings } from '../../../server/config.ts';
import type { Database } from '../../../server/db/connection/database.ts';
import { openPostgres } from '../../../server/db/connection/postgres.ts';
import { Sealer } from '../../../server/sealer.ts';
import { openFileStore } from '../../../server/store/files.ts';
import { openS3Store } from '../../../server/store/s3.ts';
import type { ObjectStore } from '../../../server/store/store.ts';
import { atEnd } from '../at-end.ts';
import { Authors, type Author } from './executor-server.ts';
import { untilReady } from './started-server.ts';

const START = new URL('../../../scripts/start.ts', import.meta.url).pathname;
/** The goal is 5 s. A machine that runs other tests too is given more; what it took is told. */
export const RECOVERY_MS = 60_000;
/** Rows may come late, but they keep coming. */
const STALLED_MS = 60_000;
const CALLERS = 8;

export interface FaultWorld {
  readonly child: ChildProcess;
  readonly db: Database;
  readonly folder: string;
  readonly store: ObjectStore;
  readonly authors: Authors;
  readonly author: Author;
  readonly origin: string;
  /** Of the handler that {@link deploy} changes. */
  readonly url: string;
  readonly name: string;
  /** A new version that says `text` and then sleeps. */
  readonly deploy: (text: string, sleepMs?: number) => Promise<string>;
}

export interface FaultWorldOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: files. */
  readonly s3?: S3Settings;
}

/** Settles when the executors are ready, and ends with the test. */
export async function startFaultWorld(
  t: TestContext,
  server: RunningPostgres,
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
      DATABASE_URL: server.url,
      SECRET_KEYS: key.toString('base64'),
      RUN_PORT: String(port),
      LOG_LEVEL: 'silent',
      // Its faults are not its handlers'.
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
  const db = openPostgres({ url: server.url, pool: 2 });
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

/** The processes that a process has started. */
export async function childrenOf({ pid }: ChildProcess): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return text.trim().split(' ').filter(Boolean).map(Number);
}

/** A call that is neither answered nor broken off for so long hangs. No fault excuses that. */
const HANGS_MS = 30_000;

function expectNoneHung(failures: readonly string[]): void {
  const hung = failures.filter((each) => /^(Timeout|Abort)Error/.test(each));
  assert.equal(hung.length, 0, `${hung.length} calls were neither answered nor broken off`);
}

/** Calls without pause until it is stopped, and counts what was acknowledged. */
export class Load {
  readonly acknowledged: string[] = [];
  readonly failures: string[] = [];
  /** What the last answer said. */
  lastText = '';
  #lastAnswerAt = 0;
  #isOver = false;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
  readonly #done: Promise<unknown>;
  /** Callers whose first call was answered. */
  #served = 0;

  constructor(url: string) {
    this.#done = Promise.all(Array.from({ length: CALLERS }, () => this.#callOn(url)));
  }

  /** Settles when each caller has had an answer: the process at the other end of its connection knows the handler. */
  async isKnown(): Promise<void> {
    const until = performance.now() + RECOVERY_MS;
    while (this.#served < CALLERS) {
      assert.ok(performance.now() < until, `not all were answered: ${this.failures.at(-1)}`);
      await pause(20);
    }
  }

  /** Rejects where a call hung. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
    this.#agent.destroy();
    expectNoneHung(this.failures);
  }

  /** Settles with the milliseconds that it took until a call that ended after `since` was answered. */
  async answersAfter(since: number): Promise<number> {
    while (this.#lastAnswerAt <= since) {
      assert.ok(
        performance.now() - since < RECOVERY_MS,
        `nobody answered; the last failures: ${this.failures.slice(-3).join('; ')}`,
      );
      await pause(20);
    }
    return this.#lastAnswerAt - since;
  }

  async #callOn(url: string): Promise<void> {
    let isServed = false;
    while (!this.#isOver) {
      try {
        const { id, text } = await callOnce(url, this.#agent);
        if (!isServed) this.#served += 1;
        isServed = true;
        this.acknowledged.push(id);
        this.lastText = text;
        this.#lastAnswerAt = performance.now();
      } catch (error) {
        this.failures.push(String(error));
        await pause(20);
      }
    }
  }
}

/** The execution's id, once the answer is whole. */
export function callOnce(url: string, agent: Agent): Promise<{ id: string; text: string }> {
  return new Promise((resolve, reject) => {
    get(url, { agent, signal: AbortSignal.timeout(HANGS_MS) }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const id = String(answer.headers['trisiel-execution']);
        const text = Buffer.concat(chunks).toString();
        if (answer.statusCode === 200 && answer.complete) resolve({ id, text });
        else reject(new Error(`status ${answer.statusCode}: ${text}`));
      });
    }).on('error', reject);
  });
}

/** Ends with the test, failed or not. */
export function startLoad(t: TestContext, url: string): Load {
  const load = new Load(url);
  atEnd(t, () => load.stop());
  return load;
}

/** Sends asynchronous calls, a few a second, and keeps the ids of those that were taken. */
export class AsyncLoad {
  readonly accepted: string[] = [];
  readonly refused: { readonly status: number; readonly detail: string }[] = [];
  readonly #failures: string[] = [];
  #isOver = false;
  readonly #done: Promise<void>;

  constructor(url: string) {
    this.#done = this.#sendOn(url);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#done;
    expectNoneHung(this.#failures);
  }

  async #sendOn(url: string): Promise<void> {
    while (!this.#isOver) {
      try {
        const signal = AbortSignal.timeout(HANGS_MS);
        const answer = await fetch(url, { headers: { prefer: 'respond-async' }, signal });
        const body: { id?: string; detail?: string } = JSON.parse(await answer.text());
        if (answer.status === 202) this.accepted.push(String(body.id));
        else this.refused.push({ status: answer.status, detail: String(body.detail) });
      } catch (error) {
        // Cut off: it was not acknowledged.
        this.#failures.push(String(error));
      }
      await pause(100);
    }
  }
}

/** Every acknowledged run is in the database, once, and counted once in the usage. */
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
  assert.equal(sums?.usage, sums?.rows, 'usage counts other than the rows');
  const waitedMs = Math.round(performance.now() - began);
  t.diagnostic(`${acknowledged.length} acknowledged, all on record after ${waitedMs} ms`);
}

/** How many of the runs are in files of the journals of a machine. */
async function findInJournals(folder: string, ids: readonly string[]): Promise<number> {
  const names = await readdir(join(folder, 'runs'), { recursive: true }).catch(() => []);
  const texts = await Promise.all(
    names
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => readFile(join(folder, 'runs', name), 'utf8').catch(() => '')),
  );
  return ids.filter((id) => texts.some((text) => text.includes(id))).length;
}

/** Every call that was taken comes to its end, by one attempt that succeeded, and no attempt has two rows. */
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
      `of ${accepted.length} calls that were taken: ${JSON.stringify(rows)}`,
    );
    if (open > 0) await pause(200);
  }
  const twice = await db.query(
    `select call_id, attempt from executions where call_id = any($1::uuid[]) group by 1, 2 having count(*) > 1`,
    [accepted],
  );
  assert.deepEqual(twice, [], 'an attempt was made twice');
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

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
