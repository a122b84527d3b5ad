/** Limits on stored and uploaded modules, and the errors at the limit. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { makeAuthor, type AuthorWorld } from '../../setup/api-runs.ts';
import { field, textField, type Reply } from '../../setup/servers/api-server.ts';
import { atEnd } from '../../setup/at-end.ts';
import { onOneDatabase } from '../../setup/servers/databases.ts';

const ROOT = join(import.meta.dirname, '../../..');
const read = (example: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(readFileSync(join(ROOT, `examples/${example}/module.wasm`)));
const hello = read('hello');
const other = read('hello-wat');
const DAY_MS = 86_400_000;

onOneDatabase('the storage limits of an author', (databases) => {
  test('an author over the daily number of uploads is refused before the module is read, with the time to continue', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, api, db } = world;
    assert.equal((await upload(world, hello)).status, 201);
    await db.query('update upload_days set uploads = 198');
    const many = await Promise.all([1, 2, 3, 4].map(() => upload(world, other)));
    assert.deepEqual(
      many.map(({ status }) => status).toSorted((a, b) => a - b),
      [201, 201, 429, 429],
    );
    // A deleted version does not free room on that day, and the refusal does not wait for the body.
    await author.send('DELETE', '/api/handlers/target/versions/1');
    assert.equal(await beginUpload(t, world, 2_000_000), 429);
    const refused = await upload(world, hello);
    assert.deepEqual([refused.status, field(refused.body, 'code')], [429, 'too-many-requests']);
    assert.match(textField(refused.body, 'detail'), /uploaded 200 modules today/);
    const waitMs = Number(refused.headers.get('retry-after')) * 1000;
    assert.ok(waitMs > 0 && waitMs <= DAY_MS);
    const check = { body: hello, headers: { 'content-type': 'application/wasm' } };
    assert.equal((await author.send('POST', '/api/modules/check', check)).status, 200);
    const limits = await author.send('GET', '/api/limits');
    assert.deepEqual(limitOf(limits, 'uploadsPerDay'), [200, 200]);
    api.pass(waitMs);
    assert.equal((await upload(world, hello)).status, 201);
  });

  test('an author’s modules are limited in total size, including deleted handlers, until versions are deleted', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, db, handlerId } = world;
    const most = 256 * 1024 * 1024;
    await upload(world, hello);
    await upload(world, other);
    await author.send('POST', '/api/handlers', { json: { name: 'second' } });
    await author.send('DELETE', '/api/handlers/target');
    await db.query('update versions set bytes = $1 where number = 1', [most - other.length - 2000]);
    const second = '/api/handlers/second/versions';
    const both = await Promise.all([1, 2, 3].map(() => upload(world, hello, second)));
    const taken = both.filter(({ status }) => status === 201).length;
    assert.ok(taken < 3, 'three do not fit');
    const refused = both.find(({ status }) => status !== 201);
    assert.deepEqual([refused?.status, field(refused?.body, 'code')], [403, 'limit-reached']);
    assert.match(textField(refused?.body, 'detail'), /more than 268435456 bytes/);
    const [, used] = limitOf(await author.send('GET', '/api/limits'), 'storedBytes');
    assert.ok(used <= most && used > most - 5000);
    const path = `/api/handlers/${handlerId}/versions/1`;
    assert.equal((await author.send('DELETE', path)).status, 200);
    assert.equal((await upload(world, hello, second)).status, 201);
  });

  test('only the last hundred deleted handlers of an author can be restored', async (t) => {
    const world = await makeAuthor(t, databases);
    if (world === undefined) return;
    const { author, db } = world;
    await db.query(
      `insert into handlers (id, owner_id, name, deleted_at, version_count)
       select gen_random_uuid(), $1, 'old-' || i, now() - interval '1 hour' - make_interval(secs => i), i % 2
       from generate_series(0, 100) as i`,
      [author.userId],
    );
    await author.send('DELETE', '/api/handlers/target');
    const left = await db.query<{ name: string }>(
      'select name from handlers where purged_at is not null',
    );
    assert.deepEqual(left, [{ name: 'old-99' }], 'a handler that ran may be referenced by usage');
    const never = await db.query("select 1 from handlers where name = 'old-100'");
    assert.deepEqual(never, [], 'nothing remains of a handler that never ran');
  });
});

function limitOf(reply: Reply, name: string): [limit: number, used: number] {
  const limits = field(reply.body, 'limits');
  assert.ok(Array.isArray(limits));
  const found = limits.find((each) => field(each, 'name') === name);
  return [Number(field(found, 'limit')), Number(field(found, 'used'))];
}

function upload(
  { author }: AuthorWorld,
  body: Uint8Array<ArrayBuffer>,
  path = '/api/handlers/target/versions',
): Promise<Reply> {
  return author.send('POST', path, { body, headers: { 'content-type': 'application/wasm' } });
}

/** Sends the head of an upload without its body. Returns the status of the response. */
async function beginUpload(t: TestContext, world: AuthorWorld, bytes: number): Promise<number> {
  const { api, author } = world;
  const cookie = [...author.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const request = httpRequest(`${api.origin}/api/handlers/target/versions`, {
    method: 'POST',
    headers: {
      cookie,
      origin: api.origin,
      'content-type': 'application/wasm',
      'content-length': bytes,
    },
  });
  atEnd(t, () => request.destroy());
  request.on('error', () => undefined);
  request.flushHeaders();
  const [response]: IncomingMessage[] = await once(request, 'response');
  return response?.statusCode ?? 0;
}
