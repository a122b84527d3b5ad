/**
 * Attacks by guests on outgoing requests, byte by byte: smuggled requests, connection headers, decompression bombs, floods.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Connections } from '../../server/executor/egress/connections.ts';
import { EgressError, guardedFetch } from '../../server/executor/egress/fetch.ts';
import { atEnd } from '../setup/at-end.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';
import { startExecutor } from '../setup/servers/executor-server.ts';

/** It closes its connection, so that each request has a separate one and requests can be counted. */
const REPLY = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok';

/** Records the bytes of each connection, and responds once. */
async function startRaw(t: TestContext, reply = REPLY) {
  const seen: string[] = [];
  const server = createServer((socket) => {
    const at = seen.push('') - 1;
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      seen[at] += bytes.toString('latin1');
      if (/\r\n\r\n/.test(seen[at] ?? '')) socket.write(reply);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => server.close());
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return { host: `127.0.0.1:${address.port}`, port: address.port, seen };
}

/** Writes the body that it receives to a server, and prints the result. */
const relay = (url: string): string => `(call $show "Content-Type: text/plain\\n\\n")
  (local.set $fd (call $resource_open "${url}"))
  (local.set $n (call $resource_read (call $io_get_stdin) #64 #16384))
  (drop (call $resource_write (local.get $fd) #64 (local.get $n)))
  (drop (call $resource_flush (local.get $fd)))
  (local.set $n (call $resource_read (local.get $fd) #64 #16384))
  (if (i32.lt_s (local.get $n) #0) (then (call $show "refused")) (else (call $show #64 (local.get $n))))`;

suite('requests of guests', () => {
  const databases = onAnyDatabase();

  test('a guest’s bytes leave as exactly one request to the host it named, or not at all', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const { host, seen } = await startRaw(t);
    const egress = { allowedOrigins: [`http://${host}`] };
    const { origin, authors } = await startExecutor(t, db, { egress });
    await authors.deploy(await authors.make(2), { name: 'relay', body: relay(`http://${host}`) });
    const get = `GET /a HTTP/1.1\r\nHost: ${host}\r\n`;
    const post = `POST /a HTTP/1.1\r\nHost: ${host}\r\n`;
    const attacks = [
      `${get}\r\nGET /second HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      `${get}Content-Length: 40\r\n\r\nGET /second HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      `${post}Content-Length: 0\r\nContent-Length: 40\r\n\r\nGET /second HTTP/1.1\r\n\r\n`,
      `${post}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\nGET /second HTTP/1.1\r\n\r\n`,
      `${post}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /second HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
      `${post}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
      `${get}X-A: b\rX-Injected: yes\r\n\r\n`,
      `${get}X-A: b\r\n X-Injected: yes\r\n\r\n`,
      `${get}X-A: b\0\r\n\r\n`,
      `${get}X-A\r\n\r\n`,
      `${get}: x\r\n\r\n`,
      `GET /a\tHTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      `GET /a HTTP/1.1 X\r\nHost: ${host}\r\n\r\n`,
      `GET /a%0d%0aX-Injected:%20yes HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      `GET //169.254.169.254/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      `GET http://169.254.169.254/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      `GET /a HTTP/1.1\r\nHost: 169.254.169.254\r\n\r\n`,
      `GET /a HTTP/1.1\r\nHost: ${host}\r\nHost: other.example\r\n\r\n`,
      `GET /a HTTP/1.1\r\nHost: user@${host}\r\n\r\n`,
      `CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      `TRACE /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`,
      `${get}Connection: upgrade, x-hidden\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\nX-Hidden: yes\r\n\r\n`,
      `${get}Expect: 100-continue\r\nTE: trailers\r\nProxy-Authorization: Basic eA==\r\nKeep-Alive: 9\r\n\r\n`,
    ];
    for (const attack of attacks) {
      const before = seen.length;
      const answer = await fetch(`${origin}/run/relay/`, { method: 'POST', body: attack });
      const text = await answer.text();
      const sent = seen.slice(before);
      const what = `${JSON.stringify(attack)}: ${JSON.stringify(sent)}, ${text}`;
      assert.ok(sent.length <= 1, what);
      if (sent[0] === undefined) {
        assert.equal(text, 'refused', what);
        continue;
      }
      const [head = '', ...rest] = sent[0].split('\r\n\r\n');
      assert.equal(rest.join(''), '', what);
      assert.match(head, /^(GET|POST) \/[^ ]* HTTP\/1\.1\r\n/, what);
      const fields = head.toLowerCase().split('\r\n').slice(1);
      const names = fields.map((field) => field.split(':', 1)[0] ?? '');
      assert.equal(new Set(names).size, names.length, what);
      assert.ok(fields.includes(`host: ${host}`), what);
      const forbidden =
        /^(upgrade|te|expect|proxy-authorization|x-hidden|x-injected|transfer-encoding)$/;
      assert.deepEqual(
        names.filter((name) => forbidden.test(name)),
        [],
        what,
      );
    }
  });
});

test('an owner at the connection limit gets no more, others do, and closed connections are released', async (t) => {
  const { host } = await startRaw(t, '');
  const connections = new Connections(4);
  const ended = new AbortController();
  const goFor = (owner: string): (() => Promise<string>) => {
    const go = guardedFetch({
      mayReach: () => true,
      countConnection: () => connections.take(owner),
    });
    return () =>
      go(new Request(`http://${host}/`, { signal: ended.signal })).then(
        () => 'answered',
        (error: unknown) => String(error),
      );
  };
  const greedy = goFor('greedy');
  const asked = Array.from({ length: 6 }, greedy);
  const refused: string[] = [];
  for (const each of asked) void each.then((outcome) => refused.push(outcome));
  while (refused.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  for (const outcome of refused) assert.match(outcome, /have 4 connections open/);
  const modest = goFor('modest')();
  while (connections.open < 5) await new Promise((resolve) => setTimeout(resolve, 10));
  ended.abort();
  await Promise.all([...asked, modest]);
  while (connections.open > 0) await new Promise((resolve) => setTimeout(resolve, 10));
});

test('ports of other protocols are refused', async () => {
  for (const port of [22, 23, 25, 110, 143, 465, 587, 6000, 6667]) {
    const go = guardedFetch({ resolve: async () => ['127.0.0.1'], mayReach: () => true });
    await assert.rejects(go(new Request(`http://mail.example:${port}/`)), /fetch failed|bad port/);
  }
});

test('a decompression bomb arrives in pieces, as it is read', async (t) => {
  const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
  const server = createHttpServer((_request, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const go = guardedFetch({ allowedOrigins: [`http://127.0.0.1:${address.port}`] });
  const before = process.memoryUsage().arrayBuffers;
  const response = await go(new Request(`http://127.0.0.1:${address.port}/`));
  const reader = response.body?.getReader();
  const first = await reader?.read();
  assert.ok((first?.value?.length ?? 0) <= 1024 * 1024);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const held = process.memoryUsage().arrayBuffers - before;
  await reader?.cancel();
  assert.ok(held < 32 * 1024 * 1024, `${held} bytes are held`);
});

test('failures of outgoing requests do not end the process', async () => {
  const refuses = guardedFetch({
    resolve: async () => ['127.0.0.1'],
    mayReach: () => true,
    countConnection: () => {
      throw new EgressError('no more connections');
    },
  });
  await assert.rejects(refuses(new Request('http://a.example/')), /no more connections/);
  const fails = guardedFetch({ resolve: () => Promise.reject(new Error('no DNS')) });
  await assert.rejects(fails(new Request('http://a.example/')));
});
