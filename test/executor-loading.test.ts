/** How handlers are loaded: what callers see of a store that hangs, and of names that others ask for without end. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { pino } from 'pino';
import { Handlers } from '../server/executor/handlers.ts';
import { ProblemError } from '../server/problems.ts';
import { Sealer } from '../server/sealer.ts';
import { openFileStore } from '../server/store/files.ts';
import type { ObjectStore } from '../server/store/store.ts';
import { atEnd } from './at-end.ts';
import { onPglite } from './databases.ts';
import { Authors } from './executor-server.ts';

suite('loading handlers', () => {
  const databases = onPglite();

  test('a store that hangs holds no caller for ever, and the handler is there when it goes on', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const folder = await mkdtemp(join(tmpdir(), 'trisiel-loading-'));
    atEnd(t, () => rm(folder, { recursive: true, force: true }));
    const files = openFileStore(folder);
    const goOn = Promise.withResolvers<void>();
    const store: ObjectStore = {
      ...files,
      get: (digest) => goOn.promise.then(() => files.get(digest)),
    };
    const sealer = new Sealer([randomBytes(32)]);
    const authors = new Authors(db, files, sealer, 'http://localhost:4000');
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

  test('names that there is nothing behind push no handler out', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const folder = await mkdtemp(join(tmpdir(), 'trisiel-loading-'));
    atEnd(t, () => rm(folder, { recursive: true, force: true }));
    const store = openFileStore(folder);
    const sealer = new Sealer([randomBytes(32)]);
    const authors = new Authors(db, store, sealer, 'http://localhost:4000');
    const body = '(call $show "Status: 204\\n\\n")';
    await authors.deploy(await authors.make(), { name: 'there', body });
    const handlers = new Handlers({ db, store, sealer, log: pino({ level: 'silent' }) });
    await handlers.open();
    atEnd(t, () => handlers.close());
    const first = await handlers.find('there');
    for (let i = 0; i < 1200; i++) {
      await assert.rejects(async () => handlers.find(`nobody-${i}`), ProblemError);
    }
    assert.equal(handlers.find('there'), first, 'it is known still, and at once');
    assert.ok(handlers.size <= 1001, `${handlers.size} names are kept`);
  });
});
