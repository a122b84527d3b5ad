/**
 * Outgoing requests of guests: addresses that must not be reached, in every spelling and by every trick, and how
 * refusals are reported.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { networkInterfaces } from 'node:os';
import { suite, test, type TestContext } from 'node:test';
import { isReachable } from '../../server/executor/egress/addresses.ts';
import {
  EgressError,
  guardedFetch,
  type EgressOptions,
} from '../../server/executor/egress/fetch.ts';
import { atEnd } from '../setup/at-end.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';
import { startExecutor } from '../setup/servers/executor-server.ts';

async function startServer(t: TestContext, answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(t, () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}

const get = (url: string, options: EgressOptions = {}): Promise<Response> =>
  guardedFetch(options)(new Request(url, { redirect: 'manual' }));

const own = Object.values(networkInterfaces())
  .flat()
  .map((each) => each?.address.replace(/%.*$/, '') ?? '127.0.0.1');

suite('addresses', () => {
  for (const address of [
    ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.127.255.255'],
    ...[
      '127.0.0.1',
      '127.255.255.254',
      '169.254.169.254',
      '168.63.129.16',
      '172.16.0.1',
      '172.31.255.255',
    ],
    ...['192.0.0.8', '192.0.2.1', '192.88.99.1', '192.168.0.1', '198.18.0.1', '198.19.255.255'],
    ...[
      '198.51.100.1',
      '203.0.113.1',
      '224.0.0.1',
      '239.255.255.255',
      '240.0.0.1',
      '255.255.255.255',
    ],
    ...['::', '::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', '::127.0.0.1', '::ffff:0:127.0.0.1'],
    ...['64:ff9b::7f00:1', '64:ff9b:1::1', '100::1', '2001::1', '2001:db8::1', '2002:7f00:1::'],
    ...['3fff::1', 'fc00::1', 'fd00:ec2::254', 'fe80::1', 'fe80::1%eth0', 'fec0::1', 'ff02::1'],
    ...['', 'localhost', '127.1', '0x7f000001', '2130706433', '017700000001', ...own],
  ]) {
    test(`a guest may not reach "${address}"`, () => assert.equal(isReachable(address), false));
  }
  for (const address of ['1.1.1.1', '8.8.8.8', '100.63.255.255', '172.32.0.1', '2606:4700::1111']) {
    test(`a guest may reach ${address}`, () => assert.equal(isReachable(address), true));
  }
});

test('no spelling of a private address gets a connection, and the refusal is reported', async (t) => {
  let reached = 0;
  const port = await startServer(t, (_request, response) => {
    reached += 1;
    response.end('inside');
  });
  const hosts = [
    ...['127.0.0.1', '127.1', '127.0.1', '0177.0.0.1', '0x7f.0.0.1', '0x7f000001', '2130706433'],
    ...['017700000001', '127.0.0.1.', '0', '0.0.0.0', '[::1]', '[::]', '[0:0:0:0:0:0:0:1]'],
    ...['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::127.0.0.1]', '[64:ff9b::127.0.0.1]'],
    ...['localhost', 'LOCALHOST', 'localhost.', 'a.localhost', '１２７.０.０.１', '127。0。0。1'],
    ...['169.254.169.254', 'metadata.google.internal', 'user:pass@127.0.0.1', 'printer.local'],
  ];
  for (const host of hosts) {
    const url = `http://${host.replace(/^user:pass@/, '')}:${port}/`;
    await assert.rejects(get(url), EgressError, host);
  }
  assert.equal(reached, 0);
});

test('a name that resolves to a private address is refused, even beside public addresses', async (t) => {
  let reached = 0;
  const port = await startServer(t, (_request, response) => {
    reached += 1;
    response.end();
  });
  for (const addresses of [['127.0.0.1'], ['1.1.1.1', '127.0.0.1'], ['::1'], ['169.254.169.254']]) {
    const resolve = async (): Promise<string[]> => addresses;
    await assert.rejects(get(`http://evil.example:${port}/`, { resolve }), EgressError);
  }
  await assert.rejects(
    get(`http://nothing.example:${port}/`, { resolve: async () => [] }),
    EgressError,
  );
  assert.equal(reached, 0);
});

test('if a name changes between two lookups, the connection goes to the checked address', async (t) => {
  let reached = 0;
  const port = await startServer(t, (_request, response) => {
    reached += 1;
    response.end();
  });
  const looks: string[] = [];
  const resolve = async (name: string): Promise<string[]> => {
    looks.push(name);
    return [looks.length % 2 === 1 ? '203.0.113.7' : '127.0.0.1'];
  };
  // A documentation address represents a public one; nobody responds there.
  const mayReach = (address: string): boolean => address === '203.0.113.7';
  const options = { resolve, mayReach, bounds: { connectMs: 200 } };
  const fetch = guardedFetch(options);
  const url = `http://rebind.example:${port}/`;
  await assert.rejects(fetch(new Request(url)));
  assert.deepEqual([looks, reached], [['rebind.example'], 0], 'looked up more than once');
  await assert.rejects(fetch(new Request(url)), EgressError);
  assert.equal(reached, 0);
});

test('a redirect is given to the guest, whose next request is checked like the first', async (t) => {
  const port = await startServer(t, (_request, response) => {
    response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end();
  });
  const options: EgressOptions = {
    resolve: async () => ['127.0.0.1'],
    mayReach: (address) => address === '127.0.0.1',
  };
  const answer = await get(`http://public.example:${port}/`, options);
  assert.equal(answer.status, 302);
  await assert.rejects(get(answer.headers.get('location') ?? '', options), EgressError);
});

test('responses that are too large, too slow, or have too large a head are cut off', async (t) => {
  const open: EgressOptions = { resolve: async () => ['127.0.0.1'], mayReach: () => true };
  const port = await startServer(t, (request, response) => {
    if (request.url === '/large') {
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      more();
    } else if (request.url === '/head') {
      response.writeHead(200, { 'x-large': 'x'.repeat(60_000) }).end();
    } else if (request.url === '/stops') {
      response.write('begun');
    }
  });
  const bounds = { silenceMs: 300, responseBytes: 1_000_000 };
  const ask = (path: string): Promise<Response> =>
    get(`http://slow.example:${port}${path}`, { ...open, bounds });
  await assert.rejects(async () => (await ask('/large')).arrayBuffer());
  await assert.rejects(async () => (await ask('/stops')).text());
  await assert.rejects(ask('/silent'));
  await assert.rejects(ask('/head'));
});

suite('guests', () => {
  const databases = onAnyDatabase();
  const asks = (url: string, host: string): string => `
    (call $show "Content-Type: text/plain\\n\\n")
    (local.set $fd (call $resource_open "${url}"))
    (drop (call $resource_write (local.get $fd) "GET / HTTP/1.1\\0d\\nHost: ${host}\\0d\\nUser-Agent: mine\\0d\\n\\0d\\n"))
    (local.set $n (call $resource_flush (local.get $fd)))
    (if (i32.lt_s (local.get $n) #0) (then (call $show "refused")) (else (call $show "reached")))`;

  test('a guest is refused the private network, and its log says why', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    let reached = 0;
    const port = await startServer(t, (_request, response) => {
      reached += 1;
      response.end();
    });
    const { origin, authors, run } = await startExecutor(t, db);
    const host = `127.0.0.1:${port}`;
    await authors.deploy(await authors.make(), { name: 'spy', body: asks(`http://${host}`, host) });
    const answer = await fetch(`${origin}/run/spy`);
    assert.equal(await answer.text(), 'refused');
    const row = await run(answer.headers.get('trisiel-execution'));
    assert.match(row.log_text, /127\.0\.0\.1 is not a public address/);
    assert.equal(reached, 0);
  });

  test('outgoing requests name the platform and the handler', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const agents: string[] = [];
    const port = await startServer(t, (request, response) => {
      agents.push(request.headers['user-agent'] ?? '');
      response.end();
    });
    const host = `127.0.0.1:${port}`;
    const egress = { allowedOrigins: [`http://${host}`] };
    const { origin, authors } = await startExecutor(t, db, { egress });
    await authors.deploy(await authors.make(), {
      name: 'polite',
      body: asks(`http://${host}`, host),
    });
    assert.equal(await (await fetch(`${origin}/run/polite`)).text(), 'reached');
    assert.match(agents[0] ?? '', /^mine Trisiel-Olin\/.* \(.*handler polite\)$/);
  });

  test('a permitted local file does not give access to other files beside it', async (t) => {
    const asked: string[] = [];
    const port = await startServer(t, (request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end('greeting');
    });
    const origin = `http://127.0.0.1:${port}`;
    const go = guardedFetch({ allowedUrls: [`${origin}/greeting.json`] });
    assert.equal(await (await go(new Request(`${origin}/greeting.json`))).text(), 'greeting');
    for (const path of [
      '/login',
      '/greeting.json/../login',
      '/greeting.json?x',
      '/',
      '//greeting.json',
    ]) {
      await assert.rejects(go(new Request(origin + path)), /not a public address/);
    }
    const post = new Request(`${origin}/greeting.json`, { method: 'POST', body: 'x' });
    await assert.rejects(go(post), /not a public address/);
    assert.deepEqual(asked, ['GET /greeting.json']);
  });
});
