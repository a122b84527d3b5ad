/** The standing of a version: shown to its owner, and changed by an administrator. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { HANDLERS_CHANNEL } from '../../server/db/handlers/handlers.ts';
import { addGoodRuns, quarantine, trustForGood } from '../../server/db/handlers/standing.ts';
import { makeAuthor } from '../setup/api-runs.ts';
import { atEnd } from '../setup/at-end.ts';
import { field, signInAs, textField } from '../setup/servers/api-server.ts';
import { onOneDatabase } from '../setup/servers/databases.ts';

const module = readFileSync(join(import.meta.dirname, '../../examples/hello/module.wasm'));
const VERSION = '/api/handlers/target/versions/1';

onOneDatabase('the standing of a version', (databases) => {
  test('is shown to its owner, and an administrator lifts a quarantine', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, api, db } = world;
    const uploaded = await author.send('POST', '/api/handlers/target/versions', {
      body: module,
      headers: { 'content-type': 'application/wasm' },
    });
    const digest = textField(uploaded.body, 'digest');
    const owned = { ownerId: author.userId, digest };
    const standing = async (): Promise<unknown> => {
      const one = field((await author.send('GET', VERSION)).body, 'standing');
      const list = field((await author.send('GET', '/api/handlers/target/versions')).body, 'items');
      assert.ok(Array.isArray(list));
      assert.deepEqual(field(list[0], 'standing'), one);
      return one;
    };
    const calm = { neededRuns: 20, reason: null, since: null, retryAt: null };
    const onProbation = (goodRuns: number): object => ({
      ...calm,
      state: 'probation',
      goodRuns,
      detail: `Version 1 is on probation: ${goodRuns} of 20 good runs. Until it is trusted, it runs in a process of its own.`,
    });
    assert.deepEqual(field(uploaded.body, 'standing'), onProbation(0));
    assert.deepEqual(await standing(), onProbation(0));
    await db.transaction((tx) => addGoodRuns(tx, owned, 3, 20));
    assert.deepEqual(await standing(), onProbation(3));

    await db.transaction((tx) => quarantine(tx, [owned], 'crashed', 24));
    const bad = await standing();
    assert.deepEqual([field(bad, 'state'), field(bad, 'reason')], ['quarantined', 'crashed']);
    const [since, retryAt] = [textField(bad, 'since'), textField(bad, 'retryAt')];
    assert.equal(Date.parse(retryAt) - Date.parse(since), 24 * 3_600_000);
    assert.match(
      textField(bad, 'detail'),
      /crashed its process.* Upload a fixed version, ask an admin/,
    );

    const lift = `${VERSION}/lift`;
    assert.equal((await author.send('POST', lift)).status, 403);
    const admin = await signInAs(api, 'root', { isAdmin: true });
    assert.equal((await admin.send('GET', VERSION)).status, 404, 'only the owner sees it');
    const notices: string[] = [];
    atEnd(t, await db.listen(HANDLERS_CHANNEL, (name) => void notices.push(name)));
    const lifted = await admin.send('POST', lift);
    assert.deepEqual(field(lifted.body, 'standing'), onProbation(0), lifted.text);
    assert.deepEqual(await standing(), onProbation(0));
    while (notices.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(notices, ['target'], 'executors run it again at once');
    const again = await admin.send('POST', lift);
    assert.deepEqual([again.status, field(again.body, 'code')], [409, 'conflict']);
    for (const path of ['target/versions/2', 'nobodys/versions/1']) {
      assert.equal((await admin.send('POST', `/api/handlers/${path}/lift`)).status, 404);
    }
    const events = await db.query<{ target: object }>(
      "select target from audit_events where action = 'quarantine.lift'",
    );
    assert.equal(events.length, 1);
    assert.deepEqual(field(events[0]?.target, 'digest'), digest);

    await db.transaction((tx) => trustForGood(tx, owned));
    const trusted = { ...calm, state: 'trusted', goodRuns: 0, detail: 'Version 1 is trusted.' };
    assert.deepEqual(await standing(), trusted);
  });
});
