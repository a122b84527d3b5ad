/** Calls of versions on probation: forwarding to the probation process, and earning trust. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { suite, test, type TestContext } from 'node:test';
import type { Database } from '../../server/db/connection/database.ts';
import { findRunnable } from '../../server/db/handlers/runnable.ts';
import { addGoodRuns, quarantine } from '../../server/db/handlers/standing.ts';
import { onAnyDatabase, onPostgres } from '../setup/servers/databases.ts';
import { waitForRun } from '../setup/servers/executor-server.ts';
import { ASYNC, environmentOf, follow, isOver, read, say } from '../setup/followed-calls.ts';
import { startPair, type ProbationPair } from '../setup/servers/probation-pair.ts';
import { startReceiver } from '../setup/servers/callback-receiver.ts';

async function standingOf(db: Database, name: string) {
  return (await findRunnable(db, name))?.standing;
}

async function until(isDone: () => Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 20_000;
  while (!(await isDone())) {
    assert.ok(performance.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function open(
  { origin }: ProbationPair,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: Readable } = {},
): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body } = options;
  const sent = request(`${origin}${path}`, { method, headers, agent: false });
  if (body === undefined) sent.end();
  else body.pipe(sent);
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  assert.ok(answer);
  return answer;
}

suite('probation', () => {
  const databases = onAnyDatabase();

  const start = async (t: TestContext, runs: number, options = {}) => {
    const db = await databases.migrated(t);
    assert.ok(db);
    const pair = await startPair(t, db, { runs, ...options });
    return { db, pair, author: await pair.authors.make() };
  };
  test('the first runs of a version are in the probation process of its owner, later ones in the shared process', async (t) => {
    const { db, pair, author } = await start(t, 3);
    await pair.authors.deploy(author, { name: 'fresh', body: say('hello') });
    const seen: string[] = [];
    for (let run = 0; run < 3; run++) {
      const answer = await fetch(`${pair.origin}/run/fresh`);
      assert.equal(await answer.text(), 'hello');
      assert.ok(Number(answer.headers.get('trisiel-gas')) > 0);
      assert.match(answer.headers.get('server-timing') ?? '', /run;dur=/);
      seen.push(answer.headers.get('trisiel-execution') ?? '');
    }
    assert.deepEqual(
      pair.started.map(({ ownerId }) => ownerId),
      [author.id],
    );
    await until(async () => (await standingOf(db, 'fresh'))?.state === 'trusted', 'not trusted');
    for (const id of seen) assert.equal((await waitForRun(db, id)).owner_id, author.id);
    await pair.stopProbation();
    await until(async () => {
      const answer = await fetch(`${pair.origin}/run/fresh`);
      return (await answer.text()) === 'hello' && pair.started.length === 1;
    }, 'not a response of the shared process');
    // Nothing was forwarded to the stopped probation process, so no other one was started.
    assert.equal(pair.started.length, 1);
  });

  test('a new version of a trusted handler is on probation again, and each owner has a separate process', async (t) => {
    const { db, pair, author } = await start(t, 1);
    const other = await pair.authors.make();
    await pair.authors.deploy(author, { name: 'mine', body: say('1') });
    await pair.authors.deploy(other, { name: 'theirs', body: say('1') });
    for (const name of ['mine', 'theirs']) {
      assert.equal(await (await fetch(`${pair.origin}/run/${name}`)).text(), '1');
      await until(async () => (await standingOf(db, name))?.state === 'trusted', 'not trusted');
    }
    assert.deepEqual(
      new Set(pair.started.map(({ ownerId }) => ownerId)),
      new Set([author.id, other.id]),
    );
    await pair.authors.deploy(author, { name: 'mine', body: say('2') });
    assert.deepEqual(await standingOf(db, 'mine'), { state: 'unknown' });
    await until(async () => (await (await fetch(`${pair.origin}/run/mine`)).text()) === '2', 'old');
  });

  test('a trap, a private handler and a quota give the same responses as without probation', async (t) => {
    const { pair, author } = await start(t, 1000);
    await pair.authors.deploy(author, { name: 'traps', body: 'unreachable' });
    await pair.authors.deploy(author, { name: 'hidden', body: say('x'), isPrivate: true });
    const token = await pair.authors.token(author, ['handlers:call', 'executions:read']);
    const trapped = await open(pair, '/run/traps', {
      headers: { authorization: `Bearer ${token}` },
    });
    const problem: Record<string, unknown> = JSON.parse(await text(trapped));
    assert.deepEqual(
      [trapped.statusCode, problem['code'], problem['reason']],
      [502, 'handler-failed', 'trap'],
    );
    assert.ok(Array.isArray(problem['backtrace']), 'the owner has the backtrace');
    assert.notEqual((await open(pair, '/run/hidden')).statusCode, 200);
    const own = await open(pair, '/run/hidden', { headers: { authorization: `Bearer ${token}` } });
    assert.equal(await text(own), 'x');
  });

  test('a probation process that was stopped normally is started again, and no call is lost', async (t) => {
    const { pair, author } = await start(t, 1000);
    await pair.authors.deploy(author, { name: 'again', body: say('x') });
    assert.equal(await (await fetch(`${pair.origin}/run/again`)).text(), 'x');
    await pair.stopProbation();
    assert.equal(await (await fetch(`${pair.origin}/run/again`)).text(), 'x');
    assert.equal(pair.started.length, 2);
  });

  test('a caller gets the time to retry if all probation processes are busy', async (t) => {
    const { pair, author } = await start(t, 1000, { start: async () => 'busy' });
    await pair.authors.deploy(author, { name: 'waits', body: say('x') });
    const answer = await fetch(`${pair.origin}/run/waits`);
    assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5']);
    assert.match(await answer.text(), /on probation/);
  });

  test('a quarantined version does not run; its owner sees the reason, a stranger does not', async (t) => {
    const { db, pair, author } = await start(t, 1);
    await pair.authors.deploy(author, { name: 'bad', body: say('x') });
    assert.equal((await fetch(`${pair.origin}/run/bad`)).status, 200);
    const { digest } = (await findRunnable(db, 'bad'))?.version ?? {};
    assert.ok(digest !== undefined);
    await db.execute(`update module_standings set state = 'probation'`);
    await db.transaction((tx) => quarantine(tx, [{ ownerId: author.id, digest }], 'memory', 24));
    await until(async () => (await fetch(`${pair.origin}/run/bad`)).status === 503, 'it answers');
    const stranger = await fetch(`${pair.origin}/run/bad`);
    const told = await stranger.text();
    assert.match(told, /"code":"handler-quarantined"/);
    assert.doesNotMatch(told, /memory|Version/);
    assert.ok(Number(stranger.headers.get('retry-after')) > 80_000);
    const token = await pair.authors.token(author, ['executions:read']);
    const owner = await fetch(`${pair.origin}/run/bad`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.match(
      await owner.text(),
      /Version 1 has been in quarantine since .* memory of its process\. Upload a fixed version/,
    );
    const later = await fetch(`${pair.origin}/run/bad`, { headers: ASYNC });
    assert.equal(later.status, 503, 'it accepts no asynchronous calls either');
    await pair.authors.deploy(author, { name: 'bad', body: say('fixed') });
    await until(
      async () => (await (await fetch(`${pair.origin}/run/bad`)).text()) === 'fixed',
      'not fixed',
    );
  });

  test('a trusted handler never leaves the shared process', async (t) => {
    const { db, pair, author } = await start(t, 5);
    await pair.authors.deploy(author, { name: 'old', body: say('x') });
    const { digest = '' } = (await findRunnable(db, 'old'))?.version ?? {};
    await db.transaction((tx) => addGoodRuns(tx, { ownerId: author.id, digest }, 5, 5));
    assert.equal(await (await fetch(`${pair.origin}/run/old`)).text(), 'x');
    assert.equal(pair.started.length, 0);
  });
});

suite('asynchronous calls on probation', () => {
  const databases = onPostgres();
  test('attempts run in the probation process, are retried, and are reported to the callback', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const receiver = await startReceiver(t, [200]);
    const pair = await startPair(t, db, {
      runs: 1000,
      allowedOrigins: [receiver.origin],
      ...environmentOf(databases.url()),
    });
    const author = await pair.authors.make();
    await pair.authors.deploy(author, { name: 'later', body: say('done') });
    await pair.authors.deploy(author, { name: 'fails', body: '(call $runtime_exit #3)' });
    const headers = { ...ASYNC, 'x-callback-url': `${receiver.origin}/` };
    const sent = await read(await fetch(`${pair.origin}/run/later`, { headers }));
    const failing = await read(await fetch(`${pair.origin}/run/fails`, { headers: ASYNC }));
    const view = await follow(`${pair.origin}/executions/${sent.id}`, isOver);
    assert.deepEqual([view.status, view.response?.body], ['succeeded', 'done']);
    assert.equal(pair.started.length, 1);
    const tried = await follow(
      `${pair.origin}/executions/${failing.id}`,
      (each) => each.attempts.length > 1,
    );
    assert.deepEqual([tried.attempts[0]?.status, tried.attempts[0]?.exitCode], ['failed', 3]);
    await fetch(`${pair.origin}/executions/${failing.id}`, { method: 'DELETE' });
    await until(async () => receiver.received.length > 0, 'no callback');
    assert.match(receiver.received[0]?.body ?? '', /"status":"succeeded"/);
  });
});
