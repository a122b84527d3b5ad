/** Handlers in the database: deployed, changed, private, billed; on PGlite and on PostgreSQL. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadExamples } from '../../examples/load.ts';
import { updateHandler, notifyHandler } from '../../server/db/handlers/handlers.ts';
import { updateUser } from '../../server/db/accounts/users.ts';
import { deployExamples } from '../../server/executor/handlers/deploy-examples.ts';
import { onEachDatabaseAtOnce } from '../setup/servers/databases.ts';
import { startExecutor } from '../setup/servers/executor-server.ts';

/** The goal is a second; a busy machine gets more. */
const SOON_MS = 20_000;
const say = (text: string): string => `(call $show "Content-Type: text/plain\\n\\n${text}")`;

function readProblem(text: string): Record<string, unknown> {
  const problem: Record<string, unknown> = JSON.parse(text);
  return problem;
}

onEachDatabaseAtOnce('handlers in the database', (databases) => {
  test('a deployed handler responds with its configuration, and its run is recorded', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors, run } = await startExecutor(t, db);
    const author = await authors.make();
    const body = `(call $runtime_msleep #20) (drop (call $resource_open "null://")) (drop (memory.grow #2))
      ${say('')} (call $show #64 (call $env_get "COLOUR" #64 #512)) (call $log_write #6 "seen")`;
    await authors.deploy(author, { name: 'first', body, env: { COLOUR: 'green' } });
    const answer = await fetch(`${origin}/run/first/?x=1`);
    assert.deepEqual([answer.status, await answer.text()], [200, 'green']);
    const row = await run(answer.headers.get('trisiel-execution'));
    assert.deepEqual([row.status, row.http_status, row.exit_code], ['succeeded', 200, 0]);
    assert.equal(row.gas, Number(answer.headers.get('trisiel-gas')));
    assert.deepEqual([row.owner_id, row.log_text], [author.id, 'seen']);
    assert.deepEqual([row.calls['env_get'], row.calls['resource_open']], [1, 1]);
    assert.deepEqual([row.urls, row.memory_pages], [['null://'], 3]);
    assert.ok(row.bytes_out >= 'green'.length && row.wall_ms >= 20, JSON.stringify(row));
    assert.equal(Buffer.from(row.output).toString(), 'green');
  });

  test('a deploy takes effect soon, and no request fails meanwhile', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors } = await startExecutor(t, db);
    const author = await authors.make();
    await authors.deploy(author, { name: 'changing', body: say('0') });
    const seen = { version: 0, isOver: false };
    const failures: string[] = [];
    const calling = (async () => {
      while (!seen.isOver) {
        const answer = await fetch(`${origin}/run/changing`);
        const text = await answer.text();
        if (answer.status !== 200 || Number(text) < seen.version)
          failures.push(`${answer.status} ${text}`);
        else seen.version = Number(text);
      }
    })();
    for (const version of [1, 2, 3, 4, 5, 6, 7, 8]) {
      await authors.deploy(author, { name: 'changing', body: say(String(version)) });
      const until = performance.now() + SOON_MS;
      while (seen.version !== version) {
        assert.ok(performance.now() < until, `version ${version} was not seen`);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
    seen.isOver = true;
    await calling;
    assert.deepEqual(failures, []);
  });

  test('the error gives the reason: no handler, no version, a locked owner, a deleted handler', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors } = await startExecutor(t, db);
    const author = await authors.make();
    const handlerId = await authors.deploy(author, { name: 'there', body: say('yes') });
    const expect = async (name: string, status: number, code: string): Promise<void> => {
      const answer = await fetch(`${origin}/run/${name}/`);
      const problem = readProblem(await answer.text());
      assert.deepEqual([answer.status, problem['status'], problem['code']], [status, status, code]);
    };
    /** Waits until the executor has noticed a change. */
    const expectSoon = async (name: string, status: number, code: string): Promise<void> => {
      await db.transaction((tx) => notifyHandler(tx, name));
      const end = performance.now() + SOON_MS;
      while ((await fetch(`${origin}/run/${name}/`)).status !== status && performance.now() < end)
        await new Promise((resolve) => setTimeout(resolve, 20));
      await expect(name, status, code);
    };
    assert.equal((await fetch(`${origin}/run/there`)).status, 200);
    await expect('nowhere', 404, 'no-such-handler');
    await db.query(
      `insert into handlers (id, owner_id, name) values (gen_random_uuid(), $1, 'empty')`,
      [author.id],
    );
    await expect('empty', 409, 'no-version');
    await updateUser(db, author.id, { lockedAt: new Date() });
    await expectSoon('there', 403, 'handler-locked');
    await updateUser(db, author.id, { lockedAt: null });
    await updateHandler(db, handlerId, { deletedAt: new Date() });
    await expectSoon('there', 404, 'no-such-handler');
  });

  test('a private handler responds only to its owner’s token, and only the owner sees a backtrace', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors, run } = await startExecutor(t, db);
    const [author, other] = [await authors.make(), await authors.make()];
    await authors.deploy(author, { name: 'mine', body: say('mine'), isPrivate: true });
    await authors.deploy(author, { name: 'broken', body: 'unreachable' });
    const call = (name: string, token?: string): Promise<Response> =>
      fetch(`${origin}/run/${name}/`, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      });
    const caller = await authors.token(author, ['handlers:call']);
    const reader = await authors.token(author, ['executions:read']);
    assert.equal((await call('mine')).status, 404);
    assert.equal((await call('mine', 'x.y.z')).status, 404);
    assert.equal((await call('mine', await authors.token(other, ['handlers:call']))).status, 404);
    assert.equal((await call('mine', reader)).status, 403);
    const answer = await call('mine', caller);
    assert.deepEqual([answer.status, await answer.text()], [200, 'mine']);
    await db.query('update tokens set revoked_at = now()');
    assert.equal((await call('mine', caller)).status, 404);

    const stranger = readProblem(await (await call('broken')).text());
    assert.deepEqual([stranger['status'], stranger['reason']], [502, 'trap']);
    assert.equal('backtrace' in stranger, false);
    await run(String(stranger['executionId']));
    const fresh = await authors.token(author, ['executions:read']);
    const owners = readProblem(await (await call('broken', fresh)).text());
    assert.ok(Array.isArray(owners['backtrace']) && owners['backtrace'].length > 0);
    const foreign = await authors.token(other, ['executions:read']);
    assert.equal('backtrace' in readProblem(await (await call('broken', foreign)).text()), false);
  });

  test('a page of another origin may call a private handler with a token', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors } = await startExecutor(t, db);
    await authors.deploy(await authors.make(), { name: 'api', body: say('x'), isPrivate: true });
    const answer = await fetch(`${origin}/run/api`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://elsewhere.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization',
      },
    });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('access-control-allow-origin'), 'https://elsewhere.example');
    assert.equal(answer.headers.get('access-control-allow-headers'), 'authorization');
  });

  test('a full executor responds with 503, and queued calls are answered', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors } = await startExecutor(t, db, {
      environment: { GUEST_MEMORY_PAGES: '16', RUN_QUEUE: '8' },
    });
    const author = await authors.make(2);
    await authors.deploy(author, {
      name: 'rests',
      body: `(call $runtime_msleep #2500) ${say('x')}`,
    });
    const neighbour = await authors.make();
    await authors.deploy(neighbour, { name: 'near', body: say('x') });
    await (await fetch(`${origin}/run/near`)).text();
    let refusals = 0;
    const isFull = Promise.withResolvers<void>();
    const crowd = Promise.all(
      Array.from({ length: 40 }, async () => {
        const answer = await fetch(`${origin}/run/rests`);
        await answer.text();
        if (answer.status === 503) refusals += 1;
        if (refusals === 28) isFull.resolve();
        return answer;
      }),
    );
    await Promise.race([isFull.promise, crowd]);
    const near = await fetch(`${origin}/run/near`);
    assert.equal(near.status, 200, 'a neighbour is delayed by an owner with sleeping guests');
    const all = await crowd;
    const answered = all.filter(({ status }) => status === 200).length;
    const full = all.filter(({ status }) => status === 503);
    // Each of these guests has one page. The owner may have eight of sixteen pages, and four of eight places in the queue.
    assert.deepEqual([answered, full.length], [12, 28]);
    assert.ok(full.every(({ headers }) => headers.get('retry-after') === '1'));
    assert.equal((await fetch(`${origin}/run/rests`)).status, 200);
  });

  test('the examples are deployed as handlers once, and each of their runs is billed', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const examples = await loadExamples();
    const { origin, run, config, store, sealer } = await startExecutor(t, db);
    const deploy = { db, store, sealer, examples, origin: config.webOrigin };
    assert.deepEqual(
      (await deployExamples(deploy)).sort(),
      examples.map(({ name }) => name).sort(),
    );
    const [count] = await db.query<{ n: number }>('select count(*)::int as n from handlers');
    assert.equal(count?.n, examples.length);
    const answer = await fetch(`${origin}/run/hello-http/`);
    assert.equal(answer.status, 200);
    assert.equal((await run(answer.headers.get('trisiel-execution'))).status, 'succeeded');
    assert.deepEqual(await deployExamples(deploy), []);
    const [versions] = await db.query<{ n: number }>('select count(*)::int as n from versions');
    assert.equal(versions?.n, examples.length);
  });

  test('a stopped executor leaves an empty journal', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors, close, config } = await startExecutor(t, db);
    await authors.deploy(await authors.make(), { name: 'last', body: say('x') });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => fetch(`${origin}/run/last`)),
    );
    assert.ok(answers.every(({ status }) => status === 200));
    await close();
    assert.deepEqual(await readdir(join(config.dataDir, 'runs')), []);
    const [count] = await db.query<{ n: number }>('select count(*)::int as n from executions');
    assert.equal(count?.n, 10);
  });
});
