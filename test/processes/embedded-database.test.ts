/**
 * The embedded database in a thread of the web process: effects of a slow statement, of the end of the thread, and of
 * an executor's connection.
 */
import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { registerApi } from '../../server/api/app.ts';
import { KeyRing } from '../../server/auth/keys.ts';
import { readConfig } from '../../server/config.ts';
import { findTokenOwner, insertToken } from '../../server/db/accounts/tokens.ts';
import { upsertUser } from '../../server/db/accounts/users.ts';
import type { Database } from '../../server/db/connection/database.ts';
import { DatabaseUnavailableError } from '../../server/db/connection/unavailable.ts';
import { openEmbedded, type EmbeddedDatabase } from '../../server/db/embedded/embedded.ts';
import { HANDLERS_CHANNEL } from '../../server/db/handlers/handlers.ts';
import { openSocketDatabase } from '../../server/db/socket/client.ts';
import { CallQueue } from '../../server/executor/calls/queue/queue.ts';
import { QueueKeeper } from '../../server/executor/calls/queue/queue-keeper.ts';
import { Sealer } from '../../server/sealer.ts';
import { openFileStore } from '../../server/store/files.ts';
import { buildWebApp } from '../../server/web/app.ts';
import { atEnd } from '../setup/at-end.ts';
import { readMigratedDump } from '../setup/servers/new-pglite.ts';

const SEALER = new Sealer([Buffer.alloc(32)]);
const USER = {
  issuer: 'test',
  subject: 'a',
  username: 'a',
  email: 'a@example.org',
  isAdmin: false,
};
const LATER = new Date(Date.now() + 3_600_000);
const SLOW = 'select count(*)::int as n from generate_series(1, 6000000)';

interface World {
  readonly db: EmbeddedDatabase;
  readonly folder: string;
}

async function open(t: TestContext): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-embedded-'));
  const db = openEmbedded({ from: await readMigratedDump(), log: pino({ level: 'silent' }) });
  atEnd(t, async () => {
    await db.close();
    await rm(folder, { recursive: true, force: true });
  });
  return { db, folder };
}

/** Opens a connection with the rights of an executor process. */
async function openAsGuest(t: TestContext, { db, folder }: World): Promise<Database> {
  const path = join(folder, 'database.sock');
  await db.share(path);
  const guest = openSocketDatabase({ path });
  atEnd(t, () => guest.close());
  return guest;
}

suite('the embedded database', () => {
  test('pages and routes that need no database answer while a statement runs', async (t) => {
    const { db, folder } = await open(t);
    const siteDir = join(folder, 'site');
    await mkdir(siteDir);
    await writeFile(join(siteDir, 'index.html'), '<!doctype html><title>Page</title>');
    await writeFile(join(siteDir, '404.html'), '<!doctype html><title>None</title>');
    await writeFile(join(siteDir, 'csp.json'), '{"scripts":[]}');
    const config = readConfig({ DATA_DIR: folder, LOG_LEVEL: 'silent' }, { web: 0, run: 0 });
    const app = await buildWebApp({ siteDir, runOrigin: config.runOrigin });
    const sealer = new Sealer([Buffer.alloc(32)]);
    await registerApi(app, { config, db, sealer, store: openFileStore(folder) });
    atEnd(t, () => app.close());
    const origin = await app.listen({ host: '127.0.0.1', port: 0 });
    await db.query('select 1');
    const ended: string[] = [];
    const slow = db.query(SLOW).then(() => ended.push('statement'));
    for (const path of ['/', '/api/openapi.json', '/api/tiers']) {
      const response = await fetch(origin + path);
      assert.equal(response.status, 200, path);
      await response.text();
      ended.push(path);
    }
    await slow;
    assert.deepEqual(ended, ['/', '/api/openapi.json', '/api/tiers', 'statement']);
  });

  test('an endless statement is stopped by replacing the thread, every client continues, and no written data is lost', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'trisiel-embedded-'));
    atEnd(t, () => rm(folder, { recursive: true, force: true }));
    const log = pino({ level: 'silent' });
    const options = { from: join(folder, 'database'), log, statementMs: 3000 };
    const db = openEmbedded(options);
    atEnd(t, () => db.close());
    await db.execute('create table things (n int); insert into things values (1)');
    const guest = await openAsGuest(t, { db, folder });
    await guest.query('select id from handlers');
    const again = Promise.withResolvers<void>();
    await guest.listen(HANDLERS_CHANNEL, (payload) =>
      payload === '' ? again.resolve() : undefined,
    );
    const endless = db.query('select count(*) from generate_series(1, 1000000000)');
    // Its connection is either served before the statement, or waits for it and is closed.
    const waiting = guest.query('select id from handlers').catch((error: unknown) => error);
    await assert.rejects(endless, DatabaseUnavailableError);
    const cut = await waiting;
    if (!Array.isArray(cut)) assert.ok(cut instanceof DatabaseUnavailableError);
    await db.query('insert into things values (2)');
    await again.promise;
    assert.deepEqual(await guest.query('select id from handlers'), []);
    await db.close();
    const next = openEmbedded(options);
    atEnd(t, () => next.close());
    assert.deepEqual(await next.query('select n from things order by n'), [{ n: 1 }, { n: 2 }]);
  });

  test('an executor’s connection can queue, fetch and complete calls, in tables that the web process maintains', async (t) => {
    const world = await open(t);
    const log = pino({ level: 'silent' });
    const keeper = new QueueKeeper(world.db, log);
    await keeper.open();
    const db = await openAsGuest(t, world);
    const heard: string[] = [];
    const done = Promise.withResolvers<void>();
    const slow = {
      id: randomUUIDv7(),
      began: Promise.withResolvers<void>(),
      end: Promise.withResolvers<void>(),
    };
    const queue = new CallQueue({
      ...{ db, log, databaseUrl: undefined, isKept: true, concurrency: 2, ownerConcurrency: 1 },
      async attempt(id, tries) {
        if (id === slow.id) {
          slow.began.resolve();
          return slow.end.promise;
        }
        heard.push(`attempt ${tries}`);
        if (tries === 0) throw new Error('again');
        done.resolve();
      },
      giveUp: async () => undefined,
      callBack: async () => void heard.push('callback'),
    });
    await queue.open();
    const ownerId = randomUUIDv7();
    await queue.sendCallback({ id: randomUUIDv7(), ownerId });
    await queue.send({ id: randomUUIDv7(), ownerId });
    await done.promise;
    // It waits for another call of its owner.
    await queue.send({ id: slow.id, ownerId });
    await slow.began.promise;
    const cancelled = randomUUIDv7();
    await queue.send({ id: cancelled, ownerId });
    await queue.cancel(cancelled);
    slow.end.resolve();
    await queue.close();
    await keeper.close();
    assert.deepEqual(heard.sort(), ['attempt 0', 'attempt 1', 'callback']);
  });

  test('an executor’s connection can read and write what an executor needs, and no more', async (t) => {
    const world = await open(t);
    const guest = await openAsGuest(t, world);
    const denied = (error: unknown): boolean =>
      error instanceof Error && 'code' in error && error.code === '42501';
    await guest.query('select tier from users');
    const [token, now] = [randomUUIDv7(), new Date()];
    assert.equal(await findTokenOwner(guest, token, now), undefined);
    const { id } = await upsertUser(world.db, USER);
    const scopes = ['handlers:read'];
    await insertToken(world.db, { id: token, userId: id, name: 'x', scopes, expiresAt: LATER });
    assert.deepEqual(await findTokenOwner(guest, token, now), { id, lockedAt: null, scopes });
    // Executors sign callbacks and verify tokens.
    await new KeyRing(world.db, SEALER, () => now).signer();
    const { kid } = await new KeyRing(world.db, SEALER, () => now, 'callbacks').signer();
    const callbacks = new KeyRing(guest, SEALER, () => now, 'callbacks');
    assert.equal((await callbacks.signer()).kid, kid);
    const tokens = new KeyRing(guest, SEALER, () => now);
    assert.equal((await tokens.publicJwks()).length, 1);
    assert.equal(await tokens.publicKey(kid), undefined, 'a callback key signs no token');
    await assert.rejects(tokens.signer(), denied);
    for (const text of [
      'select id from tokens',
      'select count(*) from tokens',
      'select sealed_private_jwk from signing_keys',
      'select signing_keys from signing_keys',
      'update callback_keys set retired_at = now()',
      'select email from users',
      'select * from users',
      'select users from users',
      'select name from tokens',
      'select secret_digest from sessions',
      'select * from command_logins',
      'update users set tier = 2',
      'delete from audit_events',
      'select rolpassword from pg_authid',
      'reset role',
      'set role postgres',
      'set session authorization default',
      `select set_config('role', 'postgres', false)`,
      `select pg_catalog."set_config"('role', 'postgres', false)`,
      `select query_to_xml('select * from users', true, true, '')`,
      `select pg_read_file('/etc/passwd')`,
      `do 'begin execute ''reset role''; end'`,
      'copy users to stdout',
      'create temporary table users (id uuid)',
      'select 1 as id into temporary handlers',
      'select 1; reset role',
      `select 'a--'; /* ' */ reset role`,
      '-- \r reset role',
      `select E'\\'; reset role --'`,
      "select $$ ' $$; reset role",
      'prepare p as select 1',
      'begin',
      'select id, 1 as insert into temp users from handlers',
      'select id, 1 as insert into pg_temp.users from handlers',
      `update pg_settings set setting = 'off' where name = 'standard_conforming_strings'`,
      `update pg_catalog."pg_settings" set setting = 'x' where name = 'search_path'`,
      `select '\\', max(1) --'`,
    ]) {
      await assert.rejects(guest.query(text), denied, text);
      await assert.rejects(guest.execute(text), denied, text);
    }
    for (const channel of ['news', 'x;reset role', 'trisiel_handlers;reset role']) {
      await assert.rejects(
        guest.listen(channel, () => undefined),
        denied,
        channel,
      );
    }
    await assert.rejects(
      guest.transaction((tx) => tx.execute('reset role')),
      denied,
    );
    await assert.rejects(
      guest.transaction((tx) => tx.query('select * from sessions')),
      denied,
    );
    // Interleaved statements of both connections keep their own rights.
    const [own, its] = await Promise.allSettled([
      world.db.query('select email from users'),
      guest.query('select email from users'),
    ]);
    assert.deepEqual([own.status, its.status], ['fulfilled', 'rejected']);
  });
});
