/** Only checked and metered bytes of a module are run. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pino } from 'pino';
import { packFiles } from '../../olin/index.ts';
import { Rechecker } from '../../server/api/uploads/rechecker.ts';
import { Validator } from '../../server/api/module-check/validator.ts';
import { openFileStore } from '../../server/store/files.ts';
import { keyOf } from '../../server/store/store.ts';
import { atEnd } from '../setup/at-end.ts';
import { buildGuest } from '../setup/command.ts';
import { onOneDatabase } from '../setup/servers/databases.ts';
import { startExecutor } from '../setup/servers/executor-server.ts';

const say = (text: string): string => `(call $show "Content-Type: text/plain\\n\\n${text}")`;

onOneDatabase('modules of deployed handlers', (databases) => {
  test('a module whose stored bytes were changed is not run', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors, config } = await startExecutor(t, db);
    await authors.deploy(await authors.make(), { name: 'forged', body: say('forged') });
    const [row] = await db.query<{ digest: string; metered_digest: string }>(
      'select digest, metered_digest from versions',
    );
    assert.ok(row);
    for (const digest of [row.digest, row.metered_digest]) {
      await writeFile(join(config.dataDir, 'modules', keyOf(digest)), 'other bytes');
    }
    assert.equal((await fetch(`${origin}/run/forged`)).status, 503);
  });

  test('a handler runs the module metered at upload, or if that is lost, its original bytes', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors, config } = await startExecutor(t, db);
    const author = await authors.make();
    for (const [name, lost] of [
      ['kept', 'digest'],
      ['again', 'metered_digest'],
    ] as const) {
      const id = await authors.deploy(author, { name, body: say(name) });
      const [row] = await db.query<{ lost: string }>(
        `select ${lost} as lost from versions where handler_id = $1`,
        [id],
      );
      await rm(join(config.dataDir, 'modules', keyOf(row?.lost ?? '')));
      const answer = await fetch(`${origin}/run/${name}`);
      assert.deepEqual([answer.status, await answer.text()], [200, name]);
    }
  });

  test('a static file of a handler is sent without a run of the guest, and recorded with no gas', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors } = await startExecutor(t, db);
    const module = packFiles(await buildGuest(say('the guest')), {
      files: [['public/page.html', new TextEncoder().encode('<p>0123456789</p>')]],
      args: [],
      static: 'public',
    });
    await authors.deployModule(await authors.make(), { name: 'site' }, module);
    const ask = async (path: string, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${origin}/run/site${path}`, { headers });
      return [answer.status, await answer.text(), answer.headers.get('trisiel-gas')];
    };
    assert.deepEqual(await ask('/page.html'), [200, '<p>0123456789</p>', '0']);
    assert.deepEqual(await ask('/page.html', { range: 'bytes=3-6' }), [206, '0123', '0']);
    const tag = (await fetch(`${origin}/run/site/page.html`)).headers.get('etag') ?? '';
    assert.deepEqual(await ask('/page.html', { 'if-none-match': tag }), [304, '', '0']);
    const [status, text, gas] = await ask('/other');
    assert.deepEqual([status, text], [200, 'the guest']);
    assert.notEqual(gas, '0');
  });

  test('a version accepted by an older check is checked again before it runs, and never runs if it is refused', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { origin, authors, config } = await startExecutor(t, db);
    const author = await authors.make();
    for (const name of ['old', 'bad']) await authors.deploy(author, { name, body: say(name) });
    const store = openFileStore(join(config.dataDir, 'modules'));
    // Invalid bytes represent a module that the newest check refuses.
    const bad = await store.put(new Uint8Array(8));
    await db.query('update versions set check_version = 1');
    await db.query(
      `update versions set digest = $1 where handler_id = (select id from handlers where name = 'bad')`,
      [bad],
    );
    const [before] = await db.query<{ count: number }>(
      'select count(*)::int as count from versions where check_version = 1',
    );
    assert.equal(before?.count, 2);
    const rechecker = new Rechecker({
      db,
      store,
      validator: new Validator({ timeoutMs: 60_000 }),
      log: pino({ level: 'silent' }),
    });
    atEnd(t, () => rechecker.stop());
    const early = fetch(`${origin}/run/old`);
    await rechecker.start();
    // A call that waits too long on a busy machine gets a 503.
    const first = await early;
    assert.ok([200, 503].includes(first.status));
    for (;;) {
      const [left] = await db.query('select 1 from versions where check_version = 1');
      if (left === undefined) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const refused = await fetch(`${origin}/run/bad`);
    assert.notEqual(refused.status, 200);
    assert.match(await refused.text(), /this one refuses it/);
    const [row] = await db.query<{ reason: string | null }>(
      'select check_refusal as reason from versions where digest = $1',
      [bad],
    );
    assert.match(row?.reason ?? '', /\.$/);
  });
});
