/**
 * Live tails under load: many runs by writers that commit out of order, tails with filters, a reader that stalls, a
 * reader that reconnects, and a broken database connection. No run is lost or repeated.
 *
 * TAIL_SOAK_SECONDS=900 makes it longer; by default, it ends after a number of runs.
 */
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { suite, test, type TestContext } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Database } from '../../../server/db/connection/database.ts';
import { writeExecutions, type NewExecution } from '../../../server/db/runs/executions.ts';
import { atEnd } from '../../setup/at-end.ts';
import {
  makeAuthor,
  openTail,
  run,
  waitFor,
  type AuthorWorld,
  type Tail,
} from '../../setup/api-runs.ts';
import { onPostgres } from '../../setup/servers/databases.ts';

const SOAK_MS = Number(process.env['TAIL_SOAK_SECONDS'] ?? 0) * 1000;
const RUNS = 2000;
const BATCH = 10;
const WRITERS = 3;
/** Maximum heap growth in bytes while everything is read. */
const GROWTH = 48 * 1024 * 1024;
/** A long soak is not a load test: it writes like a busy author, not as fast as the database allows. */
const SOAK_PAUSE_MS = 400;

/** The remembered fields of a run. */
interface Written {
  readonly id: string;
  readonly status: string;
  readonly hasNeedle: boolean;
}

interface Watched {
  readonly query: string;
  readonly matches: (each: Written) => boolean;
}

const WATCHED: readonly Watched[] = [
  { query: '', matches: () => true },
  { query: '?status=stopped', matches: ({ status }) => status === 'stopped' },
  { query: '?status=failed', matches: ({ status }) => status === 'failed' },
  { query: '?text=NEEDLE', matches: ({ hasNeedle }) => hasNeedle },
  { query: '?status=timed-out', matches: () => false },
];

suite('live tails', () => {
  const databases = onPostgres();

  test('lose nothing and repeat nothing, however often the connection breaks', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { api, author, db } = world;
    const tails = await Promise.all(WATCHED.map(({ query }) => openTail(t, api, author, query)));
    const visitor = await Visitor.come(t, world);
    stall(t, world);

    const before = heapBytes();
    const written = await write(world, async (share) => {
      await cutListeners(db);
      await visitor.comeBack();
      if (SOAK_MS > 0) {
        const grown = Math.round((heapBytes() - before) / 1024);
        t.diagnostic(
          `${Math.round(share * 100)} %: ${tails[0]?.ids.length} runs, heap ${grown} KiB more`,
        );
      }
    });
    const expected = WATCHED.map(({ matches }) => written.filter(matches).map(({ id }) => id));
    await waitFor(
      async () =>
        tails.every(({ ids }, i) => ids.length >= (expected[i]?.length ?? 0)) &&
        visitor.seen.length >= written.length,
    );
    for (const [i, { ids }] of tails.entries()) {
      assert.equal(new Set(ids).size, ids.length, `${WATCHED[i]?.query}: none twice`);
      assert.deepEqual(ids.toSorted(), expected[i]?.toSorted(), `${WATCHED[i]?.query}: none lost`);
    }
    assert.deepEqual(
      visitor.seen.toSorted(),
      expected[0]?.toSorted(),
      'after each break no run is lost or repeated',
    );
    const grown = heapBytes() - before;
    t.diagnostic(`${written.length} runs; heap ${Math.round(grown / 1024)} KiB more`);
    assert.ok(SOAK_MS > 0 || grown < GROWTH, `the heap grew by ${grown} bytes`);
  });
});

/** A reader that disconnects and resumes from its position. */
class Visitor {
  readonly #t: TestContext;
  readonly #world: AuthorWorld;
  readonly #seen: string[] = [];
  #tail: Tail;

  static async come(t: TestContext, world: AuthorWorld): Promise<Visitor> {
    return new Visitor(t, world, await openTail(t, world.api, world.author, ''));
  }

  private constructor(t: TestContext, world: AuthorWorld, tail: Tail) {
    this.#t = t;
    this.#world = world;
    this.#tail = tail;
  }

  get seen(): readonly string[] {
    return [...this.#seen, ...this.#tail.ids];
  }

  async comeBack(): Promise<void> {
    this.#tail.close();
    await this.#tail.ended;
    this.#seen.push(...this.#tail.ids);
    const { api, author } = this.#world;
    this.#tail = await openTail(this.#t, api, author, '', this.#tail.lastId());
  }
}

/** Writes until the end of the test, from several connections, some of which commit late. */
async function write(
  world: AuthorWorld,
  onQuarter: (share: number) => Promise<void>,
): Promise<Written[]> {
  const { db } = world;
  const written: Written[] = [];
  const began = Date.now();
  const share = (): number =>
    SOAK_MS > 0 ? (Date.now() - began) / SOAK_MS : written.length / RUNS;
  let quarters = 1;
  const writeAlone = async (writer: number): Promise<void> => {
    for (let i = 0; share() < 1; i += 1) {
      const batch = Array.from({ length: BATCH }, (_, n) => nextRun(world, i * BATCH + n));
      for (const { id, status, log } of batch) {
        written.push({ id, status, hasNeedle: log[0]?.text.includes('needle') === true });
      }
      await db.transaction(async (tx) => {
        await writeExecutions(tx, batch);
        // Its transaction number is assigned, and others commit before it.
        if (i % 5 === writer) await tx.query('select pg_sleep(0.05)');
      });
      if (SOAK_MS > 0) await new Promise((resolve) => setTimeout(resolve, SOAK_PAUSE_MS));
      if (writer === 0 && share() * 4 > quarters) {
        quarters += 1;
        await onQuarter(share());
      }
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => writeAlone(writer)));
  return written;
}

function nextRun(world: AuthorWorld, i: number): NewExecution {
  return run(world, {
    status: i % 50 === 0 ? 'stopped' : i % 7 === 0 ? 'failed' : 'succeeded',
    log: [{ level: 6, text: i % 40 === 0 ? 'a needle in it' : `line ${i}`, atMs: 1 }],
    startedAt: new Date(),
  });
}

/** Opens a tail and does not read from it. */
function stall(t: TestContext, { api, author }: AuthorWorld): void {
  const cookie = [...author.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const request = httpRequest(`${api.origin}/api/executions/tail`, { headers: { cookie } });
  request.on('response', (response) => response.pause());
  request.on('error', () => undefined);
  request.end();
  atEnd(t, () => request.destroy());
}

async function cutListeners(db: Database): Promise<void> {
  await db.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where query ilike 'listen %' and pid <> pg_backend_pid()`,
  );
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed;
}
