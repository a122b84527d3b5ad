/**
 * The embedded database shared over its socket: effects of clients that hang, die, flood or send invalid messages on
 * the others.
 */
import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { atEnd } from '../../../test/setup/at-end.ts';
import { openNewPglite } from '../../../test/setup/servers/new-pglite.ts';
import { sqlState, type Database } from '../connection/database.ts';
import { DatabaseUnavailableError } from '../connection/unavailable.ts';
import { openSocketDatabase, type SocketDatabaseOptions } from './client.ts';
import type { LeaseBounds } from './lease.ts';
import { shareDatabase, type SharedDatabase } from './server.ts';

const WORKER = new URL('../../../test/workers/database-client.ts', import.meta.url);
/** Limits longer than any test. */
const PATIENT: LeaseBounds = { idleMs: 600_000, totalMs: 600_000 };

let pglite: Database;
let folder: string;
let sockets = 0;

before(async () => {
  pglite = await openNewPglite();
  folder = await mkdtemp(join(tmpdir(), 'trisiel-socket-'));
});
after(async () => {
  await pglite.close();
  await rm(folder, { recursive: true });
});

interface World {
  readonly path: string;
  readonly server: SharedDatabase;
  readonly client: (options?: Partial<SocketDatabaseOptions>) => Database;
}

/** Starts a server with an empty table, and clients that end with the test. */
async function start(t: TestContext, bounds: LeaseBounds = PATIENT): Promise<World> {
  await pglite.execute('drop table if exists things; create table things (name text)');
  sockets += 1;
  const path = join(folder, `${sockets}.sock`);
  const server = await shareDatabase(pglite, path, bounds);
  atEnd(t, () => server.close());
  const client: World['client'] = (options) => {
    const db = openSocketDatabase({ path, ...options });
    atEnd(t, () => db.close());
    return db;
  };
  return { path, server, client };
}

const names = async (db: Database): Promise<unknown[]> =>
  (await db.query<{ name: string }>('select name from things order by name')).map(
    ({ name }) => name,
  );

/** Starts a process that is inside a transaction. */
async function startTransaction(t: TestContext, path: string): Promise<ChildProcess> {
  const child = fork(WORKER, [path], { execArgv: [] });
  atEnd(t, async () => {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
  assert.deepEqual(await once(child, 'message'), ['begun', undefined]);
  return child;
}

test(
  'only the user of the server can open the socket',
  { skip: process.platform === 'win32' },
  async (t) => {
    const { path } = await start(t);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  },
);

test('the transaction of a killed executor process is rolled back, and others continue at once', async (t) => {
  const { path, client } = await start(t);
  const child = await startTransaction(t, path);
  const others = [client(), client()].map((db, i) =>
    db.query('insert into things values ($1)', [`other ${i}`]),
  );
  child.kill('SIGKILL');
  await Promise.all(others);
  assert.deepEqual(await names(client()), ['other 0', 'other 1']);
});

test('an executor process stopped inside a transaction delays others only for its lease, and gets an error when it continues', async (t) => {
  const { path, client } = await start(t, { idleMs: 200, totalMs: 600_000 });
  const child = await startTransaction(t, path);
  child.kill('SIGSTOP');
  await client().query(`insert into things values ('other')`);
  assert.deepEqual(await names(client()), ['other']);
  const last = once(child, 'message');
  child.kill('SIGCONT');
  child.send('late');
  const [message] = await last;
  assert.match(JSON.stringify(message), /failed.*overloaded/);
  assert.deepEqual(await names(client()), ['other']);
});

test('a transaction that is never idle is ended too', async (t) => {
  const { client } = await start(t, { idleMs: 600_000, totalMs: 200 });
  const endless = client().transaction(async (tx) => {
    await tx.query(`insert into things values ('half')`);
    for (;;) await tx.query('select 1');
  });
  await assert.rejects(
    endless,
    (error) => error instanceof DatabaseUnavailableError && error.outage === 'overloaded',
  );
  assert.deepEqual(await names(client()), []);
});

test('a client with a thousand statements does not delay another one', async (t) => {
  const { client } = await start(t);
  const [busy, calm] = [client(), client()];
  await Promise.all([busy.query('select 1'), calm.query('select 1')]);
  let answered = 0;
  const flood = Array.from({ length: 1000 }, () =>
    busy.query('select pg_sleep(0)').then(() => (answered += 1)),
  );
  for (let i = 0; i < 5; i++) await calm.query('select 1');
  assert.ok(answered < 900, `the other one had ${answered} answers`);
  await Promise.all(flood);
});

test('statements beyond the queue limit are refused, and earlier ones are answered', async (t) => {
  const { client } = await start(t);
  const db = client();
  await db.query('select 1');
  const outcomes = await Promise.allSettled(
    Array.from({ length: 2500 }, () => db.query('select 1')),
  );
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  assert.ok(refused.length > 0 && refused.length < 2000, `${refused.length} were refused`);
  assert.deepEqual(await db.query('select 1 as n'), [{ n: 1 }]);
});

test('a statement or result that is too large is refused without affecting others', async (t) => {
  const { client } = await start(t);
  const db = client();
  const huge = Buffer.alloc(65 * 1024 * 1024);
  await assert.rejects(db.query('select $1::bytea', [huge]), (e) => sqlState(e) === '54000');
  await assert.rejects(
    db.query(`select repeat('x', 35000000) as a, repeat('x', 35000000) as b`),
    (e) => sqlState(e) === '54000',
  );
  assert.deepEqual(await db.query('select 1 as n'), [{ n: 1 }]);
});

test('an invalid message ends only its own connection', async (t) => {
  const { path, client } = await start(t);
  const frame = (json: string, bytes = 0): Buffer => {
    const header = Buffer.alloc(8);
    header.writeUInt32BE(Buffer.byteLength(json), 0);
    header.writeUInt32BE(bytes, 4);
    return Buffer.concat([header, Buffer.from(json)]);
  };
  const bad = [
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.alloc(8, 0xff),
    frame('{'),
    frame('null'),
    frame('{"id":1,"kind":"query","text":"select 1","values":{}}'),
    frame('{"id":"1","kind":"begin"}'),
    frame('{"id":1,"kind":"drop"}'),
    frame('{"id":1,"kind":"query","text":"select 1","values":[{"$":"bytes","at":0,"length":9}]}'),
    frame('{"id":1,"kind":"query","text":"select 1","values":[{"$":"what"}]}'),
    frame(
      `{"id":1,"kind":"query","text":"select 1","values":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
    ),
  ];
  for (const each of bad) {
    const socket = connect(path);
    socket.on('error', () => undefined);
    socket.write(each);
    socket.resume();
    await once(socket, 'close');
  }
  assert.deepEqual(await client().query('select 1 as n'), [{ n: 1 }]);
});

test('a statement or commit for a transaction of another client is refused', async (t) => {
  const { path } = await start(t);
  await startTransaction(t, path);
  const heard = Promise.withResolvers<string>();
  const socket = connect(path);
  atEnd(t, () => socket.destroy());
  socket.on('data', (data: Buffer) => heard.resolve(data.toString()));
  const json = JSON.stringify({ id: 7, kind: 'commit', tx: 1 });
  const header = Buffer.alloc(8);
  header.writeUInt32BE(json.length, 0);
  socket.write(Buffer.concat([header, Buffer.from(json)]));
  assert.match(await heard.promise, /"code":"25P01"/);
});

test('a client that loses its server reports it, reconnects, and learns that notices may have been missed', async (t) => {
  const { path, server, client } = await start(t);
  const db = client({ reconnectMs: 50 });
  const heard: string[] = [];
  const again = Promise.withResolvers<void>();
  await db.listen('news', (payload) => {
    heard.push(payload);
    if (payload === '') again.resolve();
  });
  const open = db.transaction(async (tx) => {
    await tx.query(`insert into things values ('half')`);
    await server.close();
    await tx.query(`insert into things values ('more')`);
  });
  await assert.rejects(open, DatabaseUnavailableError);
  await assert.rejects(db.query('select 1'), DatabaseUnavailableError);
  const next = await shareDatabase(pglite, path, PATIENT);
  atEnd(t, () => next.close());
  await again.promise;
  await db.query(`select pg_notify('news', 'after')`);
  await db.query('select 1');
  assert.deepEqual(heard, ['', 'after']);
  assert.deepEqual(await names(db), []);
});

test('a client does not wait for a server that hangs', async (t) => {
  const { client } = await start(t);
  const holder = client();
  const db = client({ answerMs: 300 });
  await db.query('select 1');
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const holding = holder.transaction(async () => {
    held.resolve();
    await release.promise;
  });
  await held.promise;
  await assert.rejects(db.query('select 1'), DatabaseUnavailableError);
  release.resolve();
  await holding;
});

test('before the first connection statements wait, and reject when the client closes', async () => {
  const db = openSocketDatabase({ path: join(folder, 'nobody.sock') });
  const waiting = db.query('select 1');
  await db.close();
  await assert.rejects(waiting, DatabaseUnavailableError);
});
