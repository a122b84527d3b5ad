/** An unavailable database is a 503, whatever the error of the driver. */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { suite, test } from 'node:test';
import { toProblem } from '../../server/problems/to-problem.ts';
import type { Database } from '../../server/db/connection/database.ts';
import { openPostgres } from '../../server/db/connection/postgres.ts';
import { asUnavailable, findOutage } from '../../server/db/connection/unavailable.ts';
import { atEnd } from '../setup/at-end.ts';
import { useTestPostgres } from '../setup/servers/test-postgres.ts';
import { openNewPglite } from '../setup/servers/new-pglite.ts';
import { startTcpProxy } from '../setup/servers/tcp-proxy.ts';

function failed(message: string, code?: string): Error {
  return Object.assign(new Error(message), code === undefined ? {} : { code });
}

function assertUnavailable(error: unknown): void {
  const problem = toProblem(error);
  const shown = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  assert.equal(problem?.code, 'unavailable', shown);
  assert.ok(Number(problem.extras.headers?.['retry-after']) > 0);
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => assert.fail('it succeeded'),
    (error: unknown) => error,
  );
}

suite('an unavailable database', () => {
  test('is recognised by every code and message of the drivers', () => {
    const codes = `57P01 57P02 57P03 57P04 57P05 08000 08003 08006 08P01 53000 53100 53200 53300 53400 28000 28P01
      3D000 25006 25P03 25P04 58030 ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH
      ENOTFOUND EAI_AGAIN EMFILE ERR_STREAM_DESTROYED`;
    for (const code of codes.split(/\s+/)) assertUnavailable(asUnavailable(failed('it', code)));
    const messages = [
      'Connection terminated unexpectedly',
      'Connection terminated',
      'Connection terminated due to connection timeout',
      'timeout exceeded when trying to connect',
      'timeout expired',
      'Query read timeout',
      'Client has encountered a connection error and is not queryable',
      'Client was closed and is not queryable',
      'Cannot use a pool after calling end on the pool',
      'PGlite is closed',
      'PGlite is closing',
      'PGlite failed to initialize properly',
    ];
    for (const message of messages) assertUnavailable(asUnavailable(failed(message)));
    const both = new AggregateError([failed('::1', 'ECONNREFUSED'), failed('v4', 'ECONNREFUSED')]);
    assertUnavailable(asUnavailable(both));
  });

  test('is not reported for invalid, slow or refused statements, nor for another connection', () => {
    for (const code of ['23505', '22P05', '42601', '40001', '57014', 'XX000', 'P0001']) {
      assert.equal(findOutage(failed('it', code)), undefined, code);
    }
    assert.equal(findOutage(failed('one row was expected, 0 came')), undefined);
    // A caller that disconnects while sending its body.
    assert.notEqual(toProblem(failed('aborted', 'ECONNRESET'))?.code, 'unavailable');
  });

  test('that is embedded and closed is reported', async () => {
    const db = await openNewPglite();
    await db.close();
    assertUnavailable(await errorOf(db.query('select 1')));
    assertUnavailable(await errorOf(db.execute('select 1')));
    assertUnavailable(await errorOf(db.transaction((tx) => tx.query('select 1'))));
    assertUnavailable(await errorOf(db.listen('a', () => undefined)));
  });

  test('is not reported for an error thrown by the function of an embedded transaction', async (t) => {
    const db = await openNewPglite();
    atEnd(t, () => db.close());
    const thrown = failed('no such file', 'ENOENT');
    const error = await errorOf(db.transaction(() => Promise.reject(thrown)));
    assert.equal(error, thrown);
  });
});

suite('PostgreSQL that becomes unavailable', () => {
  const postgres = useTestPostgres();
  const open = (url: string, answerMs = 300): Database => openPostgres({ url, pool: 2, answerMs });

  test('between two statements of a transaction, and before the one that commits', async (t) => {
    const databaseUrl = await postgres.migrated(t);
    if (databaseUrl === undefined) return;
    const db = open(databaseUrl, 5000);
    const other = open(databaseUrl, 5000);
    atEnd(t, async () => void (await Promise.all([db.close(), other.close()])));
    for (const isNoticed of [true, false]) {
      for (const goesOn of [true, false]) {
        const error = await errorOf(
          db.transaction(async (tx) => {
            const [self] = await tx.query<{ pid: number }>('select pg_backend_pid() as pid');
            await other.query('select pg_terminate_backend($1, 5000)', [self?.pid]);
            // Lets this process notice the end of the connection, or not.
            if (isNoticed) await pause(100);
            if (goesOn) await tx.query('select 1');
          }),
        );
        assertUnavailable(error);
      }
    }
    assert.deepEqual(await db.query('select 1 as one'), [{ one: 1 }]);
  });

  test('behind a proxy that resets, refuses or drops packets', async (t) => {
    const databaseUrl = await postgres.migrated(t);
    if (databaseUrl === undefined) return;
    const url = new URL(databaseUrl);
    const proxy = await startTcpProxy(t, Number(url.port));
    url.port = String(proxy.port);
    const db = open(url.href);
    atEnd(t, () => db.close());
    await db.query('select 1');
    const slow = errorOf(db.query('select pg_sleep(0.2)'));
    await pause(50);
    proxy.reset();
    assertUnavailable(await slow);
    await db.query('select 1');
    proxy.swallow();
    assertUnavailable(await errorOf(db.query('select 1')));
    proxy.pass();
    await db.query('select 1');
    url.port = '1';
    const refused = open(url.href);
    atEnd(t, () => refused.close());
    assertUnavailable(await errorOf(refused.query('select 1')));
    assertUnavailable(await errorOf(refused.transaction((tx) => tx.query('select 1'))));
    assertUnavailable(await errorOf(refused.listen('a', () => undefined)));
  });

  test('a listener whose connection is dead reconnects and receives notifications again', async (t) => {
    const databaseUrl = await postgres.migrated(t);
    if (databaseUrl === undefined) return;
    const url = new URL(databaseUrl);
    const proxy = await startTcpProxy(t, Number(url.port));
    url.port = String(proxy.port);
    const lost: Error[] = [];
    const db = openPostgres({
      url: url.href,
      pool: 1,
      probeMs: 100,
      onLost: (error) => void lost.push(error),
    });
    const direct = open(databaseUrl, 5000);
    const heard: string[] = [];
    let onHeard = Promise.withResolvers<void>();
    const hears = async (payload: string): Promise<void> => {
      while (!heard.includes(payload)) {
        await onHeard.promise;
        onHeard = Promise.withResolvers();
      }
    };
    const stop = await db.listen('news', (payload) => {
      heard.push(payload);
      onHeard.resolve();
    });
    atEnd(t, async () => {
      await stop();
      await Promise.all([db.close(), direct.close()]);
    });
    const tell = (payload: string) => direct.query(`select pg_notify('news', $1)`, [payload]);
    await tell('before');
    await hears('before');
    proxy.swallow();
    await tell('missed');
    while (lost.length === 0) await pause(20);
    proxy.pass();
    // An empty notification means that some may have been missed.
    await hears('');
    await tell('after');
    await hears('after');
    assert.deepEqual(heard, ['before', '', 'after']);
    // A quiet healthy connection is left alone.
    const losses = lost.length;
    await pause(500);
    assert.equal(lost.length, losses);
  });
});
