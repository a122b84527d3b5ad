import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { test, type TestContext } from 'node:test';
import { createApi } from '../../client/api.ts';
import { uploadModule } from './upload.ts';

async function listen(t: TestContext, handle: RequestListener): Promise<string> {
  const server = createServer(handle);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('an upload whose connection breaks is sent again, whole, under the same key', async (t) => {
  const keys: unknown[] = [];
  const digests: string[] = [];
  const origin = await listen(t, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      keys.push(request.headers['idempotency-key']);
      digests.push(digestOf(Buffer.concat(chunks)));
      assert.equal(request.headers.authorization, 'Bearer a.b.c');
      assert.equal(request.headers['content-type'], 'application/wasm');
      // The answer to the first one is lost on its way.
      if (keys.length === 1) response.destroy();
      else response.writeHead(201, { 'content-type': 'application/json' }).end('{"number":3}');
    });
  });
  const bytes = new Uint8Array(300_000).fill(7);
  const shares: number[] = [];
  const version = await uploadModule(createApi({ origin, token: 'a.b.c' }), {
    handler: 'greeter',
    bytes,
    note: 'new & shiny',
    activate: true,
    signal: new AbortController().signal,
    onShare: (share) => shares.push(share),
  });
  assert.equal(version.number, 3);
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
  assert.deepEqual(digests, [digestOf(bytes), digestOf(bytes)]);
  assert.ok(shares.every((share) => share >= 0 && share <= 1) && shares.at(-1) === 1);
});

test('a refusal is told, and not tried again', async (t) => {
  let requests = 0;
  const problem = {
    detail: 'No _start.',
    code: 'module-refused',
    title: '',
    status: 422,
    type: '',
  };
  const origin = await listen(t, (request, response) => {
    requests += 1;
    request.resume().on('end', () => {
      response.writeHead(422, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify(problem));
    });
  });
  await assert.rejects(
    uploadModule(createApi({ origin, token: 'a.b.c' }), {
      handler: 'greeter',
      bytes: new Uint8Array(10),
      note: undefined,
      activate: true,
      signal: new AbortController().signal,
      onShare: () => undefined,
    }),
    /No _start\./,
  );
  assert.equal(requests, 1);
});
