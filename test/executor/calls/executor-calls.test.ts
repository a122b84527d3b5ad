/** Asynchronous calls: acceptance, retries, cancellation and callbacks, on PGlite and on PostgreSQL. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { importJWK, jwtVerify } from 'jose';
import { KeyRing } from '../../../server/auth/keys.ts';
import type { Database, Queryable } from '../../../server/db/connection/database.ts';
import { readVerifier, startKeySet, startReceiver } from '../../setup/servers/callback-receiver.ts';
import { onEachDatabaseAtOnce } from '../../setup/servers/databases.ts';
import { startExecutor } from '../../setup/servers/executor-server.ts';
import {
  ASYNC,
  environmentOf,
  follow,
  isOver,
  read,
  say,
  type View,
} from '../../setup/followed-calls.ts';

onEachDatabaseAtOnce('asynchronous calls', (databases) => {
  test('a request with Prefer: respond-async gets a 202, and its result can be fetched', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors } = await startExecutor(t, db, environmentOf(databases.url()));
    const author = await authors.make();
    const body = `${say('got ')} (local.set $fd (call $io_get_stdin))
      (local.set $n (call $resource_read (local.get $fd) #64 #4096)) (call $show #64 (local.get $n))`;
    await authors.deploy(author, { name: 'later', body });
    const sent = await fetch(`${origin}/run/later/x`, {
      method: 'POST',
      headers: ASYNC,
      body: 'this',
    });
    assert.equal(sent.status, 202);
    assert.equal(sent.headers.get('preference-applied'), 'respond-async');
    const { id, status } = await read(sent);
    assert.equal(status, 'queued');
    assert.match(sent.headers.get('location') ?? '', new RegExp(`/executions/${id}$`));
    const view = await follow(`${origin}/executions/${id}`, isOver);
    assert.deepEqual(
      [view.status, view.response?.status, view.response?.body],
      ['succeeded', 200, 'got this'],
    );
    assert.equal(view.attempts.length, 1);
  });

  test('an exit status other than 0 is retried three times with growing delays; a call that cannot be run ends', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors } = await startExecutor(t, db, environmentOf(databases.url()));
    const author = await authors.make();
    await authors.deploy(author, { name: 'fails', mode: 'async', body: '(call $runtime_exit #3)' });
    await authors.deploy(author, { name: 'traps', mode: 'async', body: 'unreachable' });
    await authors.deploy(author, { name: 'lost', mode: 'async', body: say('x') });
    // Its attempts fail outside the guest, because the database refuses its script name.
    await db.execute(`create function spoil() returns trigger language plpgsql as
        $$ begin new.script_name := '/elsewhere'; return new; end $$;
      create trigger spoil before insert on calls for each row when (new.handler_name = 'lost')
        execute function spoil();`);
    const [failing, trapping, unable] = await Promise.all(
      ['fails', 'traps', 'lost'].map(async (name) => read(await fetch(`${origin}/run/${name}`))),
    );
    assert.ok(failing !== undefined && trapping !== undefined && unable !== undefined);
    const view = await follow(`${origin}/executions/${failing.id}`, isOver);
    assert.equal(view.status, 'failed');
    assert.deepEqual(
      view.attempts.map(({ attempt, status, exitCode }) => [attempt, status, exitCode]),
      [1, 2, 3, 4].map((attempt) => [attempt, 'failed', 3]),
    );
    assert.equal(view.attempts[0]?.executionId, failing.id);
    const times = view.attempts.map(({ startedAt }) => Date.parse(startedAt));
    const waits = times.slice(1).map((time, i) => time - (times[i] ?? 0));
    assert.ok((waits[2] ?? 0) > (waits[0] ?? 0), `waits of ${waits.join(', ')} ms`);
    // A trap would repeat, so there is no retry.
    const once = await follow(`${origin}/executions/${trapping.id}`, isOver);
    assert.deepEqual([once.status, once.attempts.length], ['stopped', 1]);
    const lost = await follow(`${origin}/executions/${unable.id}`, isOver);
    assert.equal(lost.status, 'failed', 'a call that cannot be run must end');
  });

  test('repeating a call with its Idempotency-Key costs one database statement', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const texts: string[] = [];
    const counting = (on: Queryable): Queryable => ({
      query(text, values) {
        texts.push(text);
        return on.query(text, values);
      },
      execute: (text) => on.execute(text),
    });
    const counted: Database = {
      ...db,
      ...counting(db),
      transaction: (work) => db.transaction((tx) => work(counting(tx))),
    };
    const { origin, authors } = await startExecutor(t, counted, environmentOf(databases.url()));
    const author = await authors.make();
    await authors.deploy(author, { name: 'keyed', mode: 'async', body: say('x') });
    const send = (): Promise<Response> =>
      fetch(`${origin}/run/keyed`, { method: 'POST', headers: { 'idempotency-key': 'k' } });
    const { id } = await read(await send());
    await follow(`${origin}/executions/${id}`, isOver);
    texts.length = 0;
    const ids = await Promise.all(
      Array.from({ length: 20 }, async () => (await read(await send())).id),
    );
    assert.deepEqual(new Set(ids), new Set([id]));
    assert.equal(texts.filter((text) => /\binto calls\b/.test(text)).length, 20);
    const others = texts.filter((text) => /\b(?:calls|executions)\b/.test(text));
    assert.equal(others.length, 20, others.join('\n'));
  });

  test('a call can be cancelled while it runs or waits, but not after its end', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors } = await startExecutor(t, db, environmentOf(databases.url()));
    const author = await authors.make();
    await authors.deploy(author, {
      name: 'sleeps',
      mode: 'async',
      body: `(call $runtime_msleep #9000) ${say('woke')}`,
    });
    const { id } = await read(await fetch(`${origin}/run/sleeps`));
    const url = `${origin}/executions/${id}`;
    await follow(url, ({ attempts }) => attempts[0]?.status === 'running');
    const cancelled = await fetch(url, { method: 'DELETE' });
    assert.deepEqual([cancelled.status, (await read(cancelled)).status], [200, 'cancelled']);
    const view = await follow(url, ({ attempts }) => attempts[0]?.status === 'cancelled');
    assert.equal(view.status, 'cancelled');
    assert.equal((await fetch(url, { method: 'DELETE' })).status, 409);
    // As many calls as an owner may run at once, and one that waits.
    const send = async (): Promise<string> =>
      `${origin}/executions/${(await read(await fetch(`${origin}/run/sleeps`))).id}`;
    const first = await Promise.all([send(), send(), send(), send()]);
    for (const each of first) {
      await follow(each, ({ attempts }) => attempts[0]?.status === 'running');
    }
    const last = await send();
    await fetch(last, { method: 'DELETE' });
    await Promise.all(first.map((each) => fetch(each, { method: 'DELETE' })));
    const waited = await read(await fetch(last));
    assert.deepEqual(
      [waited.status, waited.attempts.map(({ attempt, status }) => [attempt, status])],
      ['cancelled', [[1, 'cancelled']]],
    );
    const other = `${origin}/executions/${crypto.randomUUID()}`;
    assert.equal((await fetch(other)).status, 404);
    // Some programs send this header with every request.
    const json = { 'content-type': 'application/json' };
    const odd = await fetch(other, { method: 'DELETE', headers: json });
    assert.match(await odd.text(), /"status":400,"detail":"The body cannot be read/);
  });

  test('a repeated Idempotency-Key returns the same call, and is refused with another request', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors } = await startExecutor(t, db, environmentOf(databases.url()));
    const author = await authors.make();
    await authors.deploy(author, { name: 'once', mode: 'async', body: say('x') });
    const send = (body: string, key = 'k1'): Promise<Response> =>
      fetch(`${origin}/run/once`, { method: 'POST', headers: { 'idempotency-key': key }, body });
    const all = await Promise.all(['a', 'a', 'a', 'a'].map((body) => send(body)));
    const ids = new Set(await Promise.all(all.map(async (answer) => (await read(answer)).id)));
    assert.equal(ids.size, 1);
    assert.equal((await send('b')).status, 422);
    await follow(`${origin}/executions/${[...ids][0]}`, isOver);
    const [count] = await db.query<{ n: number }>('select count(*)::int as n from executions');
    assert.equal(count?.n, 1);
    // Simultaneous requests with one key make one call.
    const rivals = await Promise.all(['c', 'd', 'e'].map((body) => send(body, 'k2')));
    assert.equal(rivals.filter(({ status }) => status === 202).length, 1);
    assert.equal(rivals.filter(({ status }) => status === 422).length, 2);
    const loser = rivals.find(({ status }) => status === 422);
    assert.match(
      (await loser?.text()) ?? '',
      /"detail":"This Idempotency-Key was sent with another/,
    );
    assert.equal((await send('f', 'x'.repeat(256))).status, 400);
  });

  test('a guessed Idempotency-Key of another caller reveals neither the call nor its URL', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors } = await startExecutor(t, db, environmentOf(databases.url()));
    const author = await authors.make();
    await authors.deploy(author, { name: 'once', mode: 'async', body: say('x') });
    const send = (headers: Readonly<Record<string, string>>): Promise<Response> =>
      fetch(`${origin}/run/once`, { headers: { 'idempotency-key': 'order-17', ...headers } });
    const id = async (headers: Readonly<Record<string, string>>) =>
      (await read(await send(headers))).id;
    const own = await id({ authorization: 'Bearer mine' });
    assert.equal(await id({ authorization: 'Bearer mine' }), own);
    const others = [{ authorization: 'Bearer yours' }, { cookie: 'session=mine' }, {}];
    const ids = await Promise.all(others.map(id));
    assert.equal(new Set([own, ...ids]).size, 4);
    // The same credentials with another header that the handler can read.
    const other = await send({ authorization: 'Bearer mine', 'x-tenant': '2' });
    const text = await other.text();
    assert.equal(other.status, 422);
    assert.doesNotMatch(text + JSON.stringify([...other.headers]), new RegExp(own));
  });

  test('a callback is signed, and is sent again if the receiver failed', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const receiver = await startReceiver(t, [500, 204]);
    const keySet = await startKeySet(t);
    const { origin, authors, sealer } = await startExecutor(t, db, {
      environment: {
        ...environmentOf(databases.url()).environment,
        WEB_ORIGIN: keySet.origin,
        RUN_ORIGIN: 'http://127.0.0.1:4001',
      },
      egress: { allowedOrigins: [receiver.origin] },
    });
    const author = await authors.make();
    await authors.deploy(author, { name: 'tells', mode: 'async', body: say('done') });
    // The web process creates the keys; executors are not allowed to.
    await new KeyRing(db, sealer, () => new Date(), 'callbacks').signer();
    const callback = { 'x-callback-url': `${receiver.origin}/hook` };
    const { id } = await read(await fetch(`${origin}/run/tells`, { headers: callback }));
    const until = performance.now() + 40_000;
    while (receiver.received.length !== 2) {
      assert.ok(performance.now() < until, 'the callback was not sent twice');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const last = receiver.received[1];
    assert.ok(last);
    const view: View = JSON.parse(last.body);
    assert.deepEqual([view.id, view.status, view.response?.body], [id, 'succeeded', 'done']);
    keySet.keys = await new KeyRing(db, sealer, () => new Date(), 'callbacks').publicJwks();
    const [jwk] = keySet.keys;
    assert.ok(jwk);
    const signature = String(last.headers['trisiel-signature']);
    const { payload } = await jwtVerify(signature, await importJWK(jwk), {
      issuer: keySet.origin,
      audience: receiver.origin,
      typ: 'callback+jwt',
    });
    assert.equal(payload['sha256'], createHash('sha256').update(last.body).digest('hex'));
    assert.equal(payload.jti, id);

    const isGenuine = await readVerifier(keySet.origin, receiver.origin);
    assert.equal(await isGenuine(signature, last.body), true);
    assert.equal(await isGenuine(signature, `${last.body} `), false);
    const forged = `${signature.slice(0, -8)}AAAAAAAA`;
    assert.equal(await isGenuine(forged, last.body), false);
    const elsewhere = await readVerifier(keySet.origin, 'https://other.example');
    assert.equal(await elsewhere(signature, last.body), false);
  });

  test('a callback into the private network is refused', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors } = await startExecutor(t, db, environmentOf(databases.url()));
    await authors.deploy(await authors.make(), { name: 'spies', mode: 'async', body: say('x') });
    for (const url of [
      'http://127.0.0.1:22/',
      'http://[::1]/',
      'http://0x7f.1/',
      'file:///etc/passwd',
    ]) {
      const answer = await fetch(`${origin}/run/spies`, { headers: { 'x-callback-url': url } });
      assert.equal(answer.status, 400, url);
    }
  });
});
