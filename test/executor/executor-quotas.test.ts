/** Quotas that are counted across several executors. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { ProblemError } from '../../server/problems/problems.ts';
import { Quotas, type QuotaCaller } from '../../server/executor/quotas/quotas.ts';
import { TIERS } from '../../server/tiers.ts';
import { onOneDatabase } from '../setup/servers/databases.ts';
import { startExecutor } from '../setup/servers/executor-server.ts';
import { environmentOf, say } from '../setup/followed-calls.ts';

const NOW = Date.UTC(2026, 10, 28, 12);
/** Long, so that no run is lent because this machine is busy. */
const PATIENT_MS = 60_000;
const LOCAL: QuotaCaller = { address: '127.0.0.1', isOwner: async () => false };

function quotaOf(runsPerDay: number, callerRunsPerDay = runsPerDay) {
  const limits = { ...TIERS[1].limits, runsPerDay, callerRunsPerDay, concurrentRuns: 10_000 };
  return { ownerId: randomUUID(), limits };
}

/** Returns how many of `runs` runs may begin, distributed over the processes in turn. */
async function begin(
  processes: readonly Quotas[],
  quota: ReturnType<typeof quotaOf>,
  runs: number,
  caller = LOCAL,
): Promise<number> {
  const outcomes = await Promise.allSettled(
    Array.from({ length: runs }, async (_, i) =>
      processes[i % processes.length]?.take(quota, caller),
    ),
  );
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof ProblemError);
    else outcome.value?.end();
  }
  return outcomes.filter(({ status }) => status === 'fulfilled').length;
}

onOneDatabase('quotas', (databases) => {
  test('no more runs begin per day than the tier allows, with any number of processes and however late runs are recorded', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const processes = Array.from({ length: 4 }, () => new Quotas(db, () => NOW, PATIENT_MS));
    const quota = quotaOf(1000);
    assert.equal(await begin(processes, quota, 3000), 1000);
    assert.equal(await begin(processes, quota, 100), 0);
    for (const each of processes) await each.close();
  });

  test('a process returns its unused runs when it stops, and runs that did not begin', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const quota = quotaOf(500);
    const first = new Quotas(db, () => NOW, PATIENT_MS);
    const permit = await first.take(quota, LOCAL);
    permit.giveBack();
    permit.end();
    assert.equal(await begin([first], quota, 3), 3);
    await first.close();
    const [day] = await db.query<{ taken: number }>(
      'select taken from run_days where owner_id = $1',
      [quota.ownerId],
    );
    assert.equal(day?.taken, 3);
    const second = new Quotas(db, () => NOW, PATIENT_MS);
    assert.equal(await begin([second], quota, 600), 497);
    await second.close();
  });

  test('while the database is unavailable an owner has a tenth of the daily quota, which is counted later', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    let isAway = true;
    let now = NOW;
    const query: typeof db.query = (...given) =>
      isAway ? Promise.reject(new Error('away')) : db.query(...given);
    const quotas = new Quotas({ query }, () => now, PATIENT_MS);
    const quota = quotaOf(1000);
    assert.equal(await begin([quotas], quota, 300), 100);
    isAway = false;
    now += 2000;
    assert.equal(await begin([quotas], quota, 2000), 900);
    await quotas.close();
  });

  test('one stranger cannot use up an owner’s daily quota, but the owner can', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const quotas = new Quotas(db, () => NOW, PATIENT_MS);
    const quota = quotaOf(1000, 100);
    const from = (address: string, isOwner = false): QuotaCaller => ({
      address,
      isOwner: async () => isOwner,
    });
    assert.equal(await begin([quotas], quota, 300, from('2001:db8::1')), 50);
    assert.equal(await begin([quotas], quota, 300, from('2001:db8::2')), 0);
    assert.equal(await begin([quotas], quota, 300, from('192.0.2.1')), 50);
    assert.equal(await begin([quotas], quota, 2000, from('192.0.2.1', true)), 900);
    await quotas.close();
  });

  test('with ten processes a caller gets no more of an owner’s daily quota than with one, except a hundredth per process', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    let statements = 0;
    const query: typeof db.query = (...given) => {
      statements += 1;
      return db.query(...given);
    };
    const make = (): Quotas => new Quotas({ query }, () => NOW, PATIENT_MS);
    const processes = Array.from({ length: 10 }, make);
    const quota = quotaOf(10_000, 1000);
    const stranger: QuotaCaller = { address: '192.0.2.1', isOwner: async () => false };
    const begun = await begin(processes, quota, 4000, stranger);
    assert.ok(begun >= 1000 && begun <= 1100, `${begun} runs began`);
    assert.ok(statements < begun / 5, `${statements} statements`);
    assert.equal(await begin(processes, quota, 100, { ...stranger, address: '192.0.2.2' }), 100);
    for (const each of processes) await each.close();
    // Unused runs were returned: for another process, the quota is used up exactly by the runs that began.
    const last = make();
    assert.ok((await begin([last], quota, 500, stranger)) <= 110);
    await last.close();
  });

  test('a flood of addresses does not cost the database a statement per address', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const texts: string[] = [];
    const query: typeof db.query = (text, values) => {
      texts.push(text);
      return db.query(text, values);
    };
    const quotas = new Quotas({ query }, () => NOW, PATIENT_MS);
    const quota = quotaOf(10_000, 1000);
    for (let i = 0; i < 200; i += 1) {
      await begin([quotas], quota, 1, { address: `192.0.2.${i}`, isOwner: async () => false });
    }
    assert.deepEqual(
      texts.filter((text) => text.includes('caller_days')),
      [],
    );
    await quotas.close();
  });

  test('the asynchronous calls of one stranger leave places for others', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors } = await startExecutor(t, db, {
      environment: { TRUST_PROXY: 'true', ...environmentOf(databases.url()).environment },
    });
    const author = await authors.make();
    const body = '(call $show "Content-Type: text/plain\\n\\nx")';
    const handlerId = await authors.deploy(author, { name: 'later', mode: 'async', body });
    const send = (address: string): Promise<Response> =>
      fetch(`${origin}/run/later`, { headers: { 'x-forwarded-for': address } });
    await db.query(
      `insert into calls (id, handler_id, handler_name, owner_id, is_private, status, method, url, script_name, headers,
         body, remote_address, request_digest, caller)
       select gen_random_uuid(), $1, 'later', $2, false, 'running', 'GET', 'http://x/', '', '[]', '', '203.0.113.7', '',
         '203.0.113.7' from generate_series(1, 100)`,
      [handlerId, author.id],
    );
    const refused = await send('203.0.113.7');
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '10']);
    assert.match(await refused.text(), /100 of your asynchronous calls/);
    assert.equal((await send('203.0.113.8')).status, 202);
    assert.equal((await send('127.0.0.1')).status, 202);
  });

  test('calls above the limits of concurrent and daily runs get a 429 with the time to retry', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors, run } = await startExecutor(t, db);
    const body = `${say('begun')} (call $runtime_msleep #9000)`;
    await authors.deploy(await authors.make(), { name: 'slow', body });
    const leave = new AbortController();
    // Each has begun when its headers have arrived.
    const begun = await Promise.all(
      Array.from({ length: 16 }, () => fetch(`${origin}/run/slow`, { signal: leave.signal })),
    );
    const refused = await fetch(`${origin}/run/slow`);
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '1']);
    leave.abort();
    for (const { headers } of begun) await run(headers.get('trisiel-execution'));

    const busy = await authors.make();
    const handlerId = await authors.deploy(busy, { name: 'busy', body: say('x') });
    // Runs of other processes, already recorded.
    await db.query(
      `insert into usage_days (owner_id, handler_id, day, runs)
       values ($1, $2, (now() at time zone 'utc')::date, 49998)`,
      [busy.id, handlerId],
    );
    const two = await Promise.all([1, 2].map(() => fetch(`${origin}/run/busy`)));
    assert.deepEqual(
      two.map(({ status }) => status),
      [200, 200],
    );
    const late = await fetch(`${origin}/run/busy`);
    assert.equal(late.status, 429);
    assert.ok(Number(late.headers.get('retry-after')) > 0);
  });
});
