/** Endpoints that the panel and the command use first: statistics, limits, names, and checks that store nothing. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeExecutions } from '../../../server/db/runs/executions.ts';
import { makeAuthor, run } from '../../setup/api-runs.ts';
import { field, signInAs, textField, type Reply } from '../../setup/servers/api-server.ts';
import { onOneDatabase } from '../../setup/servers/databases.ts';

const ROOT = join(import.meta.dirname, '../../..');
const hello = Uint8Array.from(readFileSync(join(ROOT, 'examples/hello/module.wasm')));
const WASM = { 'content-type': 'application/wasm' };
const MINUTE_MS = 60_000;

interface Figures {
  readonly at: string;
  readonly runs: number;
  readonly failures: number;
  readonly gas: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

interface Statistics {
  readonly from: string;
  readonly to: string;
  readonly bucketSeconds: number;
  readonly buckets: readonly Figures[];
  readonly totals: Omit<Figures, 'at'>;
}

onOneDatabase('an overview', (databases) => {
  test('counts runs in buckets of equal length, including empty ones, with percentiles', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, db, api } = world;
    const ask = async (query: string): Promise<Statistics> => {
      const reply = await author.send('GET', `/api/statistics?${query}`);
      assert.equal(reply.status, 200, reply.text);
      return JSON.parse(reply.text);
    };
    const none = await ask('period=hour');
    assert.deepEqual(
      [none.buckets.length, none.bucketSeconds, none.totals],
      [60, 60, { runs: 0, failures: 0, gas: 0, p50Ms: null, p99Ms: null }],
    );

    // A time relative to the hour that the server reports, independent of the clock.
    const at = (minutes: number): Date => new Date(Date.parse(none.to) - minutes * MINUTE_MS + 10);
    const fast = Array.from({ length: 100 }, (_, i) =>
      run(world, { wallMs: i + 1, startedAt: at(20) }),
    );
    await db.transaction((tx) =>
      writeExecutions(tx, [
        ...fast,
        run(world, { status: 'stopped', gas: 1000, wallMs: 7, startedAt: at(10) }),
        run(world, { status: 'running', startedAt: at(10) }),
        run(world, { startedAt: at(3 * 60) }),
        run(world, { startedAt: at(4 * 24 * 60) }),
        run(world, { startedAt: at(30 * 24 * 60) }),
      ]),
    );
    const hour = await ask('');
    assert.deepEqual(
      hour.buckets.filter(({ runs }) => runs > 0).map(({ at: _at, ...figures }) => figures),
      [
        // From 1 to 100 ms, and 7 ms, in slots of an eighth of a doubling.
        { runs: 100, failures: 0, gas: 10_000, p50Ms: 51.5, p99Ms: 103 },
        { runs: 1, failures: 1, gas: 1000, p50Ms: 7.03, p99Ms: 7.03 },
      ],
    );
    const full = hour.buckets.find(({ runs }) => runs === 100);
    assert.equal(Date.parse(full?.at ?? ''), at(20).getTime() - 10);
    assert.deepEqual([hour.totals.runs, hour.totals.failures, hour.totals.gas], [101, 1, 11_000]);
    assert.deepEqual(
      hour.buckets.map((each) => Date.parse(each.at)),
      hour.buckets.map((_, i) => Date.parse(hour.from) + i * MINUTE_MS),
    );

    const [day, week] = [await ask('period=day'), await ask('period=week')];
    assert.deepEqual([day.buckets.length, day.totals.runs], [96, 102]);
    assert.deepEqual([week.buckets.length, week.totals.runs], [84, 103]);
    assert.equal((await ask('period=day&handler=target')).totals.runs, 102);

    const stranger = await signInAs(api, 'stranger');
    const foreign = await stranger.send('GET', '/api/statistics?handler=target');
    assert.equal(foreign.status, 404);
    const own = await stranger.send('GET', '/api/statistics?period=week');
    assert.equal(field(field(own.body, 'totals'), 'runs'), 0);
  });

  test('returns the limits of the tier and their usage', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, db } = world;
    await author.send('POST', '/api/tokens', { json: { name: 'x', scopes: ['account:read'] } });
    await db.transaction((tx) =>
      writeExecutions(tx, [run(world, { startedAt: new Date(), gas: 5, status: 'failed' })]),
    );
    const reply = await author.send('GET', '/api/limits');
    assert.equal(reply.status, 200, reply.text);
    const limits: { name: string; limit: number; used: number | null }[] = JSON.parse(
      reply.text,
    ).limits;
    assert.deepEqual(
      limits.flatMap(({ name, limit, used }) => (used === null ? [] : [[name, limit, used]])),
      [
        ['handlers', 20, 1],
        ['runsPerDay', 50_000, 1],
        ['tokens', 20, 1],
        ['uploadsPerDay', 200, 0],
        ['storedBytes', 268_435_456, 0],
      ],
    );
    assert.deepEqual([field(reply.body, 'tierName'), limits.length], ['Free', 14]);
    const today = field(reply.body, 'today');
    assert.deepEqual([field(today, 'failures'), field(today, 'gas')], [1, 5]);
  });

  test('generates an available name, and describes the server', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, api } = world;
    const name = textField((await author.send('GET', '/api/name')).body, 'name');
    assert.match(name, /^[a-z]+-[a-z]+-\d{3}$/);
    assert.equal((await author.send('POST', '/api/handlers', { json: { name } })).status, 201);
    const server = await author.send('GET', '/api/server');
    assert.deepEqual(
      [
        field(server.body, 'name'),
        field(server.body, 'webOrigin'),
        field(server.body, 'localSignIn'),
      ],
      ['trisiel', api.origin, true],
    );
  });

  test('checks a policy and a module without storing them', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, db } = world;
    const check = async (text: string): Promise<unknown> => {
      const reply = await author.send('POST', '/api/policy/check', { json: { text } });
      assert.equal(reply.status, 200, reply.text);
      return reply.body;
    };
    assert.deepEqual(await check('ram-page-limit 64\n'), {
      ok: true,
      problems: [],
      ramPageLimit: 64,
      gasLimit: 33_554_432,
    });
    const broken = field(await check('allow (\n  ^https://(\n)\n'), 'problems');
    assert.ok(Array.isArray(broken) && broken.length === 1);
    assert.deepEqual([field(broken[0], 'line'), field(broken[0], 'column')], [2, 3]);
    assert.match(textField(broken[0], 'message'), /^[A-Z“].*\.$/s);
    const above = field(await check('## Much\n  gas-limit 9000000000\n'), 'problems');
    assert.deepEqual(above, [
      {
        line: 2,
        column: 3,
        message: 'The policy sets gas-limit 9000000000; your tier allows at most 1000000000.',
      },
    ]);

    const send = (body: Uint8Array<ArrayBuffer>): Promise<Reply> =>
      author.send('POST', '/api/modules/check', { body, headers: WASM });
    const good = await send(hello);
    assert.equal(good.status, 200, good.text);
    assert.deepEqual(
      [field(good.body, 'bytes'), field(good.body, 'exports')],
      [hello.length, ['memory', '_start']],
    );
    const bad = await send(hello.slice(0, 40));
    assert.deepEqual([bad.status, field(bad.body, 'code')], [422, 'module-refused']);
    assert.deepEqual(await db.query('select id from versions'), []);
  });
});
