/** Accepted calls that cannot run at once: transient failures do not count as attempts, lost attempts do. */
import assert from 'node:assert/strict';
import { createHash, randomUUIDv7 } from 'node:crypto';
import { suite, test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { guest } from '../../../olin/conformance/guest.ts';
import { compile, Scheduler } from '../../../olin/index.ts';
import { nodePlatform } from '../../../olin/platform/node.ts';
import { compile as compileText } from '../../../sdk/wat/compile.ts';
import { endLostAttempts } from '../../../server/db/runs/call-attempts.ts';
import { findCall, listForgotten } from '../../../server/db/runs/calls.ts';
import type { Database } from '../../../server/db/connection/database.ts';
import { writeExecutions, type NewExecution } from '../../../server/db/runs/executions.ts';
import { insertCall } from '../../../server/db/runs/new-calls.ts';
import { insertHandler } from '../../../server/db/handlers/handlers.ts';
import { upsertUser } from '../../../server/db/accounts/users.ts';
import { Attempts } from '../../../server/executor/calls/attempt.ts';
import type { LoadedHandler } from '../../../server/executor/handlers/handler.ts';
import { ExecutorMetrics } from '../../../server/executor/metrics/metrics.ts';
import { Quotas } from '../../../server/executor/quotas/quotas.ts';
import { ProblemError } from '../../../server/problems/problems.ts';
import { TIERS } from '../../../server/tiers.ts';
import { onAnyDatabase } from '../../setup/servers/databases.ts';

const NEVER = new AbortController().signal;

/** Creates a handler and accepted calls of it, and the object that makes their attempts while `find` finds the handler. */
async function makeCalls(t: TestContext, db: Database) {
  const name = 'taken';
  const user = await upsertUser(db, {
    issuer: 'test',
    subject: t.name,
    username: 'taken',
    email: null,
    isAdmin: false,
  });
  const made = await insertHandler(db, {
    ownerId: user.id,
    name,
    description: '',
    mode: 'async',
    isPrivate: false,
  });
  assert.ok(made);
  const built = await compileText(guest('(call $show "Content-Type: text/plain\\n\\ndone")'));
  assert.ok(built.ok);
  const handler: LoadedHandler = {
    id: made.id,
    ownerId: user.id,
    versionId: randomUUIDv7(),
    name,
    mode: 'async',
    isPrivate: false,
    keepsTrace: false,
    limits: TIERS[1].limits,
    module: await compile(built.module),
    policy: undefined,
    env: {},
  };
  const world = { find: (): LoadedHandler => handler };
  const attempts = new Attempts({
    db,
    findHandler: () => world.find(),
    platformFor: () => nodePlatform,
    scheduler: new Scheduler({ platform: nodePlatform, memoryPages: 64, queueLength: 8 }),
    quotas: new Quotas(undefined),
    metrics: new ExecutorMetrics(),
    log: pino({ level: 'silent' }),
    sendCallback: () => Promise.resolve(),
  });
  const rowOf = (callId: string, change: Partial<NewExecution> = {}): NewExecution => ({
    ...ROW,
    id: callId,
    callId,
    handlerId: made.id,
    ownerId: user.id,
    ...change,
  });
  const take = async (callbackUrl: string | null = null): Promise<string> => {
    const id = randomUUIDv7();
    await insertCall(
      db,
      {
        id,
        handlerId: made.id,
        handlerName: name,
        ownerId: user.id,
        isPrivate: false,
        method: 'POST',
        url: 'http://localhost/run/taken',
        scriptName: '/run/taken',
        headers: [],
        body: Buffer.from('what was sent'),
        remoteAddress: '127.0.0.1',
        caller: '',
        idempotencyKey: null,
        requestDigest: createHash('sha256').digest(),
        callbackUrl,
      },
      { versionId: null, path: '/run/taken', startedAt: new Date() },
      { ofOwner: 1000, ofCaller: null },
    );
    return id;
  };
  const rows = (callId: string) =>
    db.query<{ status: string; attempt: number; why: string | null }>(
      `select status, attempt, trap ->> 'message' as why from executions where call_id = $1 order by attempt`,
      [callId],
    );
  return { attempts, world, handler, take, rowOf, rows };
}

suite('accepted calls', () => {
  const databases = onAnyDatabase();

  test('an unavailable store does not use up attempts, however long it is away', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { attempts, world, handler, take, rows } = await makeCalls(t, db);
    const id = await take();
    world.find = () => {
      throw new ProblemError('unavailable', 'The object store cannot be reached.');
    };
    for (const tries of [0, 3, 20]) {
      await assert.rejects(attempts.run(id, tries, NEVER), /object store/);
      assert.equal((await findCall(db, id))?.status, 'queued');
    }
    world.find = () => handler;
    await attempts.run(id, 21, NEVER);
    const call = await findCall(db, id);
    assert.equal(call?.status, 'succeeded');
    assert.equal(call.body.length, 0, 'the request body is deleted');
    assert.deepEqual(await rows(id), [{ status: 'succeeded', attempt: 1, why: null }]);
  });

  test('a call that can never run ends, and its record has the reason', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { attempts, world, handler, take, rows } = await makeCalls(t, db);
    const ends: [find: () => LoadedHandler, tries: number, why: RegExp][] = [
      [() => ({ ...handler, id: randomUUIDv7() }), 0, /^The handler was deleted after the call\.$/],
      [
        () => {
          throw new Error('a defect with a secret in it');
        },
        3,
        /^The server failed to run the handler\.$/,
      ],
    ];
    for (const [find, tries, why] of ends) {
      world.find = find;
      const id = await take();
      await attempts.run(id, tries, NEVER);
      assert.equal((await findCall(db, id))?.status, 'failed');
      const [row] = await rows(id);
      assert.equal(row?.status, 'failed');
      assert.match(row.why ?? '', why);
    }
    const late = await take();
    await attempts.giveUp(late);
    assert.equal((await findCall(db, late))?.status, 'failed');
    assert.deepEqual(
      await db.query('select runs from usage_days'),
      [],
      'none of them counts as a run',
    );
  });

  test('an attempt whose process died is interrupted and counted, and there is no fifth attempt', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { attempts, take, rowOf, rows } = await makeCalls(t, db);
    const id = await take();
    const died = [1, 2, 3, 4].map((attempt) => {
      const own = attempt === 1 ? {} : { id: randomUUIDv7() };
      return rowOf(id, { ...own, attempt, status: 'running' });
    });
    for (const attempt of died) {
      await db.transaction((tx) => writeExecutions(tx, [attempt]));
      await db.transaction((tx) => endLostAttempts(tx, id));
    }
    await attempts.run(id, 4, NEVER);
    assert.equal((await findCall(db, id))?.status, 'failed');
    assert.deepEqual(
      (await rows(id)).map(({ attempt, status }) => [attempt, status]),
      [1, 2, 3, 4].map((attempt) => [attempt, 'interrupted']),
    );
    assert.deepEqual(await db.query('select runs, failures from usage_days'), [
      { runs: 4, failures: 4 },
    ]);
  });

  test('undeliverable callbacks do not prevent the recovery of calls that the queue lost', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { take } = await makeCalls(t, db);
    await take('https://nobody.example/');
    // Created before the call.
    await db.execute(
      `update calls set status = 'succeeded';
       insert into calls (id, handler_id, handler_name, owner_id, is_private, status, method, url, script_name, headers,
         body, remote_address, request_digest, callback_url, created_at, updated_at)
       select gen_random_uuid(), handler_id, handler_name, owner_id, is_private, status, method, url, script_name, headers,
         body, remote_address, request_digest, callback_url, now() - interval '1 hour', now() - interval '1 hour'
       from calls, generate_series(1, 600);`,
    );
    const id = await take();
    await db.execute('alter table calls disable trigger calls_updated');
    await db.query(`update calls set updated_at = now() - interval '1 minute' where id = $1`, [id]);
    const found = await listForgotten(db);
    assert.deepEqual(
      found.filter(({ isOver }) => !isOver).map((each) => each.id),
      [id],
    );
    assert.equal(found.length, 501);
  });
});

const ROW: Omit<NewExecution, 'id' | 'callId' | 'handlerId' | 'ownerId'> = {
  versionId: null,
  mode: 'async',
  attempt: 1,
  status: 'queued',
  method: 'POST',
  path: '/run/taken',
  httpStatus: null,
  exitCode: null,
  trap: null,
  gas: 0,
  memoryPages: 0,
  calls: {},
  urls: [],
  bytesIn: 0,
  bytesOut: 0,
  wallMs: 0,
  output: new Uint8Array(),
  errorOutput: new Uint8Array(),
  log: [],
  trace: null,
  startedAt: new Date(),
};
