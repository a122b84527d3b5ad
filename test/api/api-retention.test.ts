/** Removing expired data: runs, calls, sessions, tokens, deleted handlers, and modules without a version. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { Housekeeper, type Tidied } from '../../server/api/housekeeping/housekeeper.ts';
import { insertCall } from '../../server/db/runs/new-calls.ts';
import type { Database } from '../../server/db/connection/database.ts';
import { writeExecutions } from '../../server/db/runs/executions.ts';
import { openPostgres } from '../../server/db/connection/postgres.ts';
import { grantRoles, ROLES } from '../../server/db/connection/roles.ts';
import type { ObjectStore } from '../../server/store/store.ts';
import { makeAuthor, run, waitFor, type AuthorWorld } from '../setup/api-runs.ts';
import { field, signInAs, textField, type Reply } from '../setup/servers/api-server.ts';
import { atEnd } from '../setup/at-end.ts';
import { onEachDatabase, type TestDatabases } from '../setup/servers/databases.ts';

const ROOT = join(import.meta.dirname, '../..');
/** A custom section that marks the module as a snapshot, which is stored in two parts. */
const SNAPSHOT = Buffer.from('\0\x0f\x0dolin.snapshot\0');
const guest = readFileSync(join(ROOT, 'examples/hello-wat/module.wasm'));
const hello = Uint8Array.from([...guest, ...SNAPSHOT]);
/** The same code with other data. */
const other = Uint8Array.from(hello);
other[guest.indexOf('Hello')] = 0x4a;
const DAY_MS = 86_400_000;

onEachDatabase('keeping house', (databases) => {
  test('expired data is removed after the set number of days, except daily usage, the audit log and unfinished calls', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, api, db } = world;
    const api2 = await signInAs(api, 'second');
    const token = await author.send('POST', '/api/tokens', {
      json: { name: 'x', scopes: ['tokens:write'], expiresInDays: 1 },
    });
    const child = await author.send('POST', '/api/tokens', {
      token: textField(token.body, 'token'),
      json: { name: 'y', scopes: ['tokens:write'] },
    });
    assert.equal(child.status, 201, child.text);
    await api2.send('POST', '/logout');
    const runs = Array.from({ length: 600 }, () => run(world, { startedAt: new Date() }));
    await db.transaction((tx) => writeExecutions(tx, runs));
    const open = await makeCall(world, 'queued');
    const over = await makeCall(world, 'succeeded');

    assert.deepEqual(await tidy(t, world, databases), {}, 'nothing has expired yet');
    const before = await author.send('GET', '/api/usage');
    const audit = await db.query('select id from audit_events');
    api.pass(29 * DAY_MS);
    // Their longest period is a week.
    assert.deepEqual(Object.keys(await tidy(t, world, databases)), ['statistics']);
    api.pass(2 * DAY_MS);
    const first = tidy(t, world, databases);
    const second = tidy(t, world, databases);
    const tidied = await Promise.all([first, second]);
    const sum = (what: string): number =>
      tidied.reduce((total, each) => total + (each[what] ?? 0), 0);
    assert.deepEqual(
      ['executions', 'calls', 'sessions', 'tokens'].map((what) => [what, sum(what)]),
      [
        ['executions', 601],
        ['calls', 1],
        // The author's session expired a day ago.
        ['sessions', 1],
        ['tokens', 2],
      ],
    );
    const left = await db.query<{ id: string }>('select id from executions');
    assert.deepEqual(left, [{ id: open }], 'a queued call must not be removed');
    assert.deepEqual(await db.query('select id from calls'), [{ id: open }]);
    assert.notEqual(over, open);
    assert.deepEqual(await db.query('select id from audit_events'), audit);
    const days = await db.query<{ runs: number }>('select sum(runs)::int as runs from usage_days');
    assert.equal(days[0]?.runs, 601);
    assert.equal(before.status, 200);
  });

  test('data is kept forever if so configured', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { db, api } = world;
    await db.transaction((tx) => writeExecutions(tx, [run(world, {})]));
    api.pass(4000 * DAY_MS);
    const tidied = await tidy(t, world, databases, { keepDays: 0 });
    assert.deepEqual(Object.keys(tidied), ['statistics']);
    assert.equal((await db.query('select 1 from executions')).length, 1);
  });

  test('a deleted handler can be restored until its retention ends, then it and its modules are removed', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, api, db, handlerId } = world;
    const target = await upload(world, hello);
    await author.send('PATCH', '/api/handlers/target/config', { json: { set: { A: 'b' } } });
    await author.send('POST', '/api/handlers', { json: { name: 'second' } });
    const shared = await upload(world, hello, '/api/handlers/second/versions');
    await upload(world, other, '/api/handlers/target/versions');
    const digests = await storedDigests(db);
    assert.equal(digests.length, 5);
    await db.transaction((tx) => writeExecutions(tx, [run(world, { startedAt: new Date() })]));
    await author.send('DELETE', '/api/handlers/target');

    api.pass(13 * DAY_MS);
    await tidy(t, world, databases);
    assert.equal((await author.send('POST', `/api/handlers/${handlerId}/restore`)).status, 200);
    await author.send('DELETE', '/api/handlers/target');
    api.pass(31 * DAY_MS);
    const tidied = await tidy(t, world, databases);
    assert.equal(tidied['deleted handlers'], 1);
    const again = await signInAs(api, 'author');
    await db.query("update sessions set expires_at = '2100-01-01'");
    for (const [method, path] of [
      ['POST', `/api/handlers/${handlerId}/restore`],
      ['GET', `/api/handlers/${handlerId}`],
    ] as const) {
      assert.equal((await again.send(method, path)).status, 404);
    }
    const listed = await again.send('GET', '/api/handlers?deleted=true');
    assert.deepEqual(field(listed.body, 'items'), []);
    for (const table of ['config_values', 'versions', 'activations']) {
      const rows = await db.query(`select 1 from ${table} where handler_id = $1`, [handlerId]);
      assert.deepEqual(rows, [], table);
    }
    const usage = await db.query('select runs from usage_days');
    assert.deepEqual(usage, [{ runs: 1 }], 'the daily usage must keep its name');

    // A module that another version uses stays; the others are removed a day later.
    api.pass(2 * DAY_MS);
    assert.equal((await tidy(t, world, databases))['modules'], 2);
    const kept = await Promise.all(digests.map((digest) => api.store.get(digest)));
    assert.equal(kept.filter((bytes) => bytes !== undefined).length, 3);
    assert.ok((await api.store.get(textField(shared.body, 'digest'))) !== undefined);
    assert.equal(field(target.body, 'digest'), field(shared.body, 'digest'));
    assert.deepEqual(await tidy(t, world, databases), {}, 'a second round must have nothing to do');
  });

  test('a module that is uploaded during its removal is kept', async (t) => {
    const world = await makeAuthor(t, databases);
    // PGlite has one connection, so the upload cannot overlap with the removal.
    if (world === undefined || world.db.kind === 'pglite') return;
    const { author, api, db } = world;
    await upload(world, hello);
    await upload(world, other);
    const gone = await author.send('DELETE', '/api/handlers/target/versions/1');
    assert.equal(gone.status, 200, gone.text);
    api.pass(2 * DAY_MS);
    const reached = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const store: ObjectStore = {
      ...api.store,
      async remove(digest) {
        reached.resolve();
        await goOn.promise;
        await api.store.remove(digest);
      },
    };
    const tidying = tidy(t, world, databases, { store });
    await reached.promise;
    const uploading = upload(world, hello);
    await waitFor(async () => {
      const waiting = await db.query(
        "select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%loose_modules%'",
      );
      return waiting.length > 0;
    });
    goOn.resolve();
    const [, uploaded] = await Promise.all([tidying, uploading]);
    assert.equal(uploaded.status, 201, uploaded.text);
    for (const digest of await storedDigests(db)) {
      assert.ok((await api.store.get(digest)) !== undefined, digest);
    }
  });

  test('housekeeping continues after a database outage', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { api, db } = world;
    await db.transaction((tx) => writeExecutions(tx, [run(world, {})]));
    api.pass(31 * DAY_MS);
    let failures = 3;
    const flaky: Database = {
      ...db,
      async transaction(work) {
        failures -= 1;
        if (failures >= 0) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
        return db.transaction(work);
      },
    };
    const housekeeper = keeper(world, { db: flaky, soonMs: 2 });
    housekeeper.start();
    atEnd(t, () => housekeeper.stop());
    await waitFor(async () => (await db.query('select 1 from executions')).length === 0);
    assert.ok(failures < 0);
  });

  test('an author permanently deletes inactive versions, and the history of activations remains', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, api } = world;
    await upload(world, hello);
    await upload(world, other);
    const path = '/api/handlers/target/versions';
    const active = await author.send('DELETE', `${path}/2`);
    assert.deepEqual([active.status, field(active.body, 'code')], [409, 'conflict']);
    const stranger = await signInAs(api, 'stranger');
    assert.equal((await stranger.send('DELETE', `${path}/1`)).status, 404);
    assert.equal((await author.send('DELETE', `${path}/1`)).status, 200);
    assert.equal((await author.send('DELETE', `${path}/1`)).status, 404);
    assert.equal((await author.send('POST', `${path}/1/activate`)).status, 404);
    const activations = field(
      (await author.send('GET', '/api/handlers/target/activations')).body,
      'items',
    );
    assert.ok(Array.isArray(activations));
    assert.deepEqual(
      activations.map((each) => field(each, 'version')),
      [2, 1],
    );
    assert.equal(
      field((await upload(world, hello)).body, 'number'),
      3,
      'no version number may be reused',
    );
  });
});

function upload(
  { author }: AuthorWorld,
  body: Uint8Array<ArrayBuffer>,
  path = '/api/handlers/target/versions',
): Promise<Reply> {
  return author.send('POST', path, { body, headers: { 'content-type': 'application/wasm' } });
}

async function storedDigests(db: Database): Promise<string[]> {
  const rows = await db.query<{ digest: string }>(
    `select digest from versions union select metered_digest from versions
     union select image_digest from versions where image_digest is not null`,
  );
  return rows.map(({ digest }) => digest);
}

async function makeCall(world: AuthorWorld, status: 'queued' | 'succeeded'): Promise<string> {
  const { db, handlerId, author } = world;
  const id = randomUUIDv7();
  await db.transaction(async (tx) => {
    await insertCall(
      tx,
      {
        id,
        handlerId,
        handlerName: 'target',
        ownerId: author.userId,
        isPrivate: false,
        method: 'GET',
        url: 'http://localhost/run/target/',
        scriptName: '/run/target',
        headers: [],
        body: new Uint8Array(),
        remoteAddress: '127.0.0.1',
        caller: '',
        idempotencyKey: null,
        requestDigest: randomBytes(32),
        callbackUrl: null,
      },
      { versionId: null, path: '/run/target/', startedAt: new Date() },
      { ofOwner: 1000, ofCaller: null },
    );
    await tx.query('update calls set status = $2 where id = $1', [id, status]);
    await writeExecutions(tx, [
      run(world, { id, callId: id, status, mode: 'async', startedAt: new Date() }),
    ]);
  });
  return id;
}

interface Given {
  readonly keepDays?: number;
  readonly store?: ObjectStore;
  readonly db?: Database;
  readonly soonMs?: number;
}

/** Uses the clock of the test's server. */
function keeper({ api, db }: AuthorWorld, given: Given = {}): Housekeeper {
  const log = pino({ level: 'silent' });
  const { store, sealer, clock } = api;
  return new Housekeeper({ db, store, sealer, keepDays: 30, admins: [], log, clock, ...given });
}

/** Runs one round; on PostgreSQL with the API's role, to check its permissions. */
async function tidy(
  t: TestContext,
  world: AuthorWorld,
  databases: TestDatabases,
  given: Given = {},
): Promise<Tidied> {
  const url = databases.url();
  if (url === undefined) return keeper(world, given).round();
  await grantRoles(world.db);
  const [schema] = await world.db.query<{ name: string }>('select current_schema() as name');
  const db = openPostgres({ url, pool: 2, role: ROLES.api.name, schema: schema?.name ?? '' });
  atEnd(t, () => db.close());
  return keeper(world, { db, ...given }).round();
}
