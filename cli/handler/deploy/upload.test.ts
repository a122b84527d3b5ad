import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { test, type TestContext } from 'node:test';
import { createApi } from '../../../client/api.ts';
import { sendDeployment } from './upload.ts';

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

test('a deployment whose connection breaks is sent again completely, with the same key', async (t) => {
  const bytes = new Uint8Array(300_000).fill(7);
  const keys: unknown[] = [];
  const digests: string[] = [];
  const origin = await listen(t, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      keys.push(request.headers['idempotency-key']);
      const sent = Buffer.concat(chunks);
      assert.ok(sent.includes('{"name":"greeter","note":"new & shiny"}'));
      assert.ok(sent.includes(bytes));
      digests.push(digestOf(sent));
      assert.equal(request.headers.authorization, 'Bearer a.b.c');
      assert.match(request.headers['content-type'] ?? '', /^multipart\/form-data; boundary=/);
      // The response to the first request is lost.
      if (keys.length === 1) response.destroy();
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"created":true}');
    });
  });
  const shares: number[] = [];
  const deployed = await sendDeployment(createApi({ origin, token: 'a.b.c' }), {
    deployment: { name: 'greeter', note: 'new & shiny' },
    module: bytes,
    signal: new AbortController().signal,
    onShare: (share) => shares.push(share),
  });
  assert.equal(deployed.created, true);
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
  assert.equal(digests[0], digests[1]);
  assert.ok(shares.every((share) => share >= 0 && share <= 1) && shares.at(-1) === 1);
});

test('a deployment that the server refuses is not sent again', async (t) => {
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
    sendDeployment(createApi({ origin, token: 'a.b.c' }), {
      deployment: { name: 'greeter' },
      module: new Uint8Array(10),
      signal: new AbortController().signal,
      onShare: () => undefined,
    }),
    /No _start\./,
  );
  assert.equal(requests, 1);
});
