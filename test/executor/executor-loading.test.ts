/** Loading of handlers: effects of a hanging store, and of floods of unknown names. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { pino } from 'pino';
import type { Database } from '../../server/db/connection/database.ts';
import { updateHandler } from '../../server/db/handlers/handlers.ts';
import { Handlers } from '../../server/executor/handlers/handlers.ts';
import { ProblemError } from '../../server/problems/problems.ts';
import { Sealer } from '../../server/sealer.ts';
import { openFileStore } from '../../server/store/files.ts';
import type { ObjectStore } from '../../server/store/store.ts';
import { atEnd } from '../setup/at-end.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';
import { Authors } from '../setup/servers/executor-server.ts';

suite('loading handlers', () => {
  const databases = onAnyDatabase();

  test('a hanging store does not block callers forever, and the handler works when it recovers', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { store: files, sealer, authors } = await makeAuthors(t, db);
    const goOn = Promise.withResolvers<void>();
    const store: ObjectStore = {
      ...files,
      get: (digest) => goOn.promise.then(() => files.get(digest)),
    };
    const body = '(call $show "Status: 204\\n\\n")';
    await authors.deploy(await authors.make(), { name: 'held', body });
    const log = pino({ level: 'silent' });
    const handlers = new Handlers({ db, store, sealer, log, patienceMs: 50 });
    await handlers.open();
    atEnd(t, () => handlers.close());
    const refused = (error: unknown): boolean =>
      error instanceof ProblemError && error.code === 'unavailable';
    await assert.rejects(async () => handlers.find('held'), refused);
    await assert.rejects(async () => handlers.find('held'), refused);
    goOn.resolve();
    const until = performance.now() + 20_000;
    for (;;) {
      const found = await Promise.resolve()
        .then(() => handlers.find('held'))
        .catch(() => undefined);
      if (found?.name === 'held') break;
      assert.ok(performance.now() < until, 'the handler was not loaded');
    }
  });

  test('unknown names do not evict handlers from the cache', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { store, sealer, authors } = await makeAuthors(t, db);
    const body = '(call $show "Status: 204\\n\\n")';
    await authors.deploy(await authors.make(), { name: 'there', body });
    const handlers = new Handlers({ db, store, sealer, log: pino({ level: 'silent' }) });
    await handlers.open();
    atEnd(t, () => handlers.close());
    const first = await handlers.find('there');
    for (let i = 0; i < 1200; i++) {
      await assert.rejects(async () => handlers.find(`nobody-${i}`), ProblemError);
    }
    assert.equal(handlers.find('there'), first, 'it is still cached');
    assert.ok(handlers.size <= 1001, `${handlers.size} names are kept`);
  });

  test('modules are cached up to a size: recently used ones are ready at once, others are loaded again', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { store, sealer, authors } = await makeAuthors(t, db);
    const author = await authors.make();
    for (const name of ['first', 'second', 'third']) {
      await authors.deploy(author, { name, body: `(call $show "Status: 204\\n\\n${name}")` });
    }
    let bytes = 0;
    const counting: ObjectStore = {
      ...store,
      async get(digest) {
        const module = await store.get(digest);
        bytes += module?.length ?? 0;
        return module;
      },
    };
    const log = pino({ level: 'silent' });
    const open = async (maxBytes?: number): Promise<Handlers> => {
      const bound = maxBytes === undefined ? {} : { maxBytes };
      const handlers = new Handlers({ db, store: counting, sealer, log, ...bound });
      await handlers.open();
      atEnd(t, () => handlers.close());
      return handlers;
    };
    await (await open()).find('first');
    const handlers = await open(2.5 * bytes);
    await handlers.find('first');
    await handlers.find('second');
    // Synchronous, because it is cached.
    assert.ok(!(handlers.find('first') instanceof Promise));
    await handlers.find('third');
    assert.equal(handlers.size, 2);
    assert.ok(!(handlers.find('first') instanceof Promise), 'it was used after the second one');
    assert.equal((await handlers.find('second')).name, 'second');
  });

  test('a burst of calls to many handlers loads a few modules at a time, and all get responses', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { store, sealer, authors } = await makeAuthors(t, db);
    const author = await authors.make(2);
    const names = Array.from({ length: 24 }, (_, i) => `burst-${i}`);
    for (const name of names) {
      await authors.deploy(author, { name, body: `(call $show "Status: 204\\n\\n${name}")` });
    }
    let [loading, most] = [0, 0];
    const watched: ObjectStore = {
      ...store,
      async get(digest) {
        loading += 1;
        most = Math.max(most, loading);
        await new Promise((resolve) => setImmediate(resolve));
        const module = await store.get(digest);
        loading -= 1;
        return module;
      },
    };
    const handlers = new Handlers({ db, store: watched, sealer, log: pino({ level: 'silent' }) });
    await handlers.open();
    atEnd(t, () => handlers.close());
    const found = await Promise.all(names.map(async (name) => handlers.find(name)));
    assert.deepEqual(
      found.map(({ name }) => name),
      names,
    );
    assert.ok(most <= 16, `${most} modules were loaded at one time`);
  });

  test('an entry older than a minute is reloaded before use, so a lost notification does not keep a deleted handler', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { store, sealer, authors } = await makeAuthors(t, db);
    const id = await authors.deploy(await authors.make(), { name: 'gone', body: EMPTY });
    let now = 0;
    const deaf: Database = { ...db, listen: async () => async () => undefined };
    const log = pino({ level: 'silent' });
    const handlers = new Handlers({ db: deaf, store, sealer, log, now: () => now });
    await handlers.open();
    atEnd(t, () => handlers.close());
    await handlers.find('gone');
    await db.transaction((tx) => updateHandler(tx, id, { deletedAt: new Date() }));
    now += 40_000;
    assert.ok(!(handlers.find('gone') instanceof Promise), 'a recent entry is used at once');
    now += 30_000;
    await assert.rejects(async () => handlers.find('gone'), hasCode('no-such-handler'));
  });

  test('cached handlers keep working if the database does not respond', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { store, sealer, authors } = await makeAuthors(t, db);
    await authors.deploy(await authors.make(), { name: 'known', body: EMPTY });
    let now = 0;
    let isSilent = false;
    const silent: Database = {
      ...db,
      query: (text, values) =>
        isSilent ? Promise.withResolvers<never>().promise : db.query(text, values),
    };
    const handlers = new Handlers({
      db: silent,
      store,
      sealer,
      log: pino({ level: 'silent' }),
      now: () => now,
      revalidateMs: 20,
    });
    await handlers.open();
    atEnd(t, () => handlers.close());
    const known = await handlers.find('known');
    isSilent = true;
    now += 70_000;
    assert.equal(await handlers.find('known'), known);
    assert.equal(handlers.find('known'), known, 'the next caller does not wait');
  });

  test('before the database is open, a name that is not an example gets a 503, not a 404', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { store, sealer, authors } = await makeAuthors(t, db);
    await authors.deploy(await authors.make(), { name: 'deployed', body: EMPTY });
    const fallback = (): never => {
      throw new ProblemError('no-such-handler', 'There is no such example.');
    };
    const handlers = new Handlers({
      db,
      store,
      sealer,
      log: pino({ level: 'silent' }),
      fallback,
    });
    await assert.rejects(
      async () => handlers.find('deployed'),
      (error) =>
        hasCode('unavailable')(error) &&
        error instanceof ProblemError &&
        Number(error.extras.headers?.['retry-after']) > 0,
    );
    await handlers.open();
    atEnd(t, () => handlers.close());
    assert.equal((await handlers.find('deployed')).name, 'deployed');
    await assert.rejects(async () => handlers.find('nobody'), hasCode('no-such-handler'));
  });
});

const EMPTY = '(call $show "Status: 204\\n\\n")';

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof ProblemError && error.code === code;
}

async function makeAuthors(t: TestContext, db: Database) {
  const folder = await mkdtemp(join(tmpdir(), 'trisiel-loading-'));
  atEnd(t, () => rm(folder, { recursive: true, force: true }));
  const store = openFileStore(folder);
  const sealer = new Sealer([randomBytes(32)]);
  return { store, sealer, authors: new Authors(db, store, sealer, 'http://localhost:4000') };
}
