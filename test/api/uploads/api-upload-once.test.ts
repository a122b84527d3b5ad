/** Uploads with an Idempotency-Key: a build that retries creates no second version. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeAuthor } from '../../setup/api-runs.ts';
import { field, signInAs, type Reply } from '../../setup/servers/api-server.ts';
import { onOneDatabase } from '../../setup/servers/databases.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (example: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(join(ROOT, `examples/${example}/module.wasm`)));
const hello = read('hello');
const other = read('hello-wat');

onOneDatabase('an upload with a key', (databases) => {
  test('happens once if sent concurrently or again, and is a new upload a day later', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, api, db } = world;
    const upload = (
      key: string,
      body: Uint8Array<ArrayBuffer>,
      query = '',
      path = '/api/handlers/target/versions',
    ): Promise<Reply> =>
      author.send('POST', `${path}${query}`, {
        body,
        headers: { 'content-type': 'application/wasm', 'idempotency-key': key },
      });
    const at = await Promise.all([1, 2, 3, 4].map(() => upload('build-17', hello)));
    assert.deepEqual(
      at.map(({ status, body }) => [status, field(body, 'number')]),
      at.map(() => [201, 1]),
      at.map(({ text }) => text).join('\n'),
    );
    const again = await upload('build-17', hello);
    assert.deepEqual([again.status, field(again.body, 'number')], [201, 1]);

    for (const changed of [
      await upload('build-17', other),
      await upload('build-17', hello, '?note=other'),
      await upload('build-17', hello, '?activate=false'),
    ]) {
      assert.deepEqual([changed.status, field(changed.body, 'code')], [422, 'key-used-otherwise']);
      assert.match(String(field(changed.body, 'detail')), /Use a new key for a new upload\.$/);
    }
    const next = await upload('build-18', hello);
    assert.deepEqual([next.status, field(next.body, 'number')], [201, 2]);

    const uploads = await db.query("select 1 from audit_events where action = 'version.upload'");
    assert.equal(uploads.length, 2, 'the audit log has a line for each upload that happened');

    // A key is scoped to its handler.
    await author.send('POST', '/api/handlers', { json: { name: 'second' } });
    const elsewhere = await upload('build-17', other, '', '/api/handlers/second/versions');
    assert.deepEqual([elsewhere.status, field(elsewhere.body, 'number')], [201, 1]);
    const stranger = await signInAs(api, 'stranger');
    const foreign = await stranger.send('POST', '/api/handlers/target/versions', {
      body: hello,
      headers: { 'content-type': 'application/wasm', 'idempotency-key': 'build-17' },
    });
    assert.equal(foreign.status, 404);

    api.pass(86_400_000 + 60_000);
    const late = await upload('build-17', other);
    assert.deepEqual([late.status, field(late.body, 'number')], [201, 3]);

    for (const bad of ['', 'a b', 'a,b', 'x'.repeat(256)]) {
      const refused = await upload(bad, hello);
      assert.deepEqual([bad, refused.status], [bad, 400]);
      assert.match(refused.text, /headers\/idempotency-key/);
    }
  });
});
