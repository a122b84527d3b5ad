/** The run origin over real HTTP: addresses, streaming in both directions, failures, and disconnecting callers. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { guest } from '../../olin/conformance/guest.ts';
import { compile } from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { compile as compileText } from '../../sdk/wat/compile.ts';
import { buildExecutorApp } from '../../server/executor/app.ts';
import { ProblemError } from '../../server/problems/problems.ts';
import { TIERS } from '../../server/tiers.ts';

const head = (more = ''): string => `"Content-Type: text/plain\\n${more}\\n"`;
/** WebAssembly text that writes an environment variable and a line feed. */
const showVariable = (name: string): string =>
  `(call $show #64 (call $env_get "${name}" #64 #512)) (call $show "\\n")`;
const copyInput = `(local.set $fd (call $io_get_stdin)) (local.set $a (call $io_get_stdout))
  (block $end (loop $more
    (local.set $n (call $resource_read (local.get $fd) #64 #4096))
    (br_if $end (i32.lt_s (local.get $n) #0))
    (drop (call $resource_write (local.get $a) #64 (local.get $n)))
    (br $more)))`;

/** A server that answers when the test says so, and notices a client that disconnects. */
const upstream = createServer();
let port = 0;
const gaveUp = Promise.withResolvers<void>();
const asked = Promise.withResolvers<void>();

const GUESTS: Readonly<Record<string, () => string>> = {
  hello: () => `(call $show ${head()}) (call $show "hello")`,
  echo: () => `(call $show ${head()}) ${copyInput}`,
  address: () =>
    `(call $show ${head()}) ${['SCRIPT_NAME', 'PATH_INFO', 'QUERY_STRING', 'REQUEST_METHOD', 'REMOTE_ADDR', 'HANDLER_ID'].map(showVariable).join('\n')}`,
  configured: () =>
    `(call $show ${head()}) ${showVariable('COLOUR')} ${showVariable('HTTP_X_REPEATED')}`,
  headers: () =>
    '(call $show "Status: 203 Odd\\nSet-Cookie: a=1\\nSet-Cookie: b=2\\nLink: <a>\\nLink: <b>\\nX-Mine: yes\\nServer-Timing: db;dur=7, run;dur=0\\nContent-Type: text/html\\n\\n")',
  'tells-who-reads': () =>
    `(call $show ${head('Access-Control-Allow-Origin: https://one.example\\nVary: Accept\\n')})`,
  silent: () => '',
  'exits-badly': () => '(call $runtime_exit #3)',
  traps: () => '(call $log_write #1 "secret of the guest") unreachable',
  headless: () => '(call $show "no header here")',
  'traps-late': () =>
    `(call $show ${head()}) (call $show "begun") (call $runtime_msleep #20) unreachable`,
  sleeps: () =>
    `(call $show ${head()}) (call $show "begun") (call $runtime_msleep #9000) (call $show "over")`,
  waits: () => `(call $show ${head()}) (call $show "begun")
    (local.set $fd (call $resource_open "http://127.0.0.1:${port}"))
    (drop (call $resource_write (local.get $fd) "GET / HTTP/1.1\\0d\\nHost: 127.0.0.1:${port}\\0d\\n\\0d\\n"))
    (drop (call $resource_flush (local.get $fd))) (call $show "over")`,
  endless: () => '(loop $again (br $again))',
  'late-asleep': () => '(call $runtime_msleep #9000)',
  'late-asking': () => `
    (local.set $fd (call $resource_open "http://127.0.0.1:${port}"))
    (drop (call $resource_write (local.get $fd) "GET / HTTP/1.1\\0d\\nHost: 127.0.0.1:${port}\\0d\\n\\0d\\n"))
    (drop (call $resource_flush (local.get $fd)))`,
};
const SHORT_MS = 150;

const executor = buildExecutorApp({
  async findHandler(name) {
    const body = GUESTS[name]?.();
    if (body === undefined) throw new ProblemError('no-such-handler', 'There is none.');
    const built = await compileText(guest(body));
    assert.ok(built.ok, JSON.stringify(built));
    return {
      id: randomUUID(),
      ownerId: randomUUID(),
      versionId: randomUUID(),
      name,
      mode: 'sync' as const,
      isPrivate: false,
      keepsTrace: false,
      limits: name.startsWith('late') ? { ...TIERS[2].limits, wallMs: SHORT_MS } : TIERS[1].limits,
      module: await compile(built.module),
      policy: undefined,
      env: { COLOUR: 'green' },
    };
  },
  platformFor: () => nodePlatform,
  webOrigins: ['http://panel.example'],
});
let runPort = 0;

before(async () => {
  upstream.on('request', (_request, response) => {
    asked.resolve();
    response.on('close', () => gaveUp.resolve());
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const address: string | AddressInfo | null = upstream.address();
  assert.ok(typeof address === 'object' && address !== null);
  port = address.port;
  runPort = Number(new URL(await executor.listen({ port: 0, host: '127.0.0.1' })).port);
});
after(async () => {
  upstream.closeAllConnections();
  upstream.close();
  await executor.close();
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function send(options: RequestOptions, body?: string): Promise<IncomingMessage> {
  const sent = request({ host: '127.0.0.1', port: runPort, agent: false, ...options });
  sent.end(body);
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  assert.ok(answer);
  return answer;
}

async function call(path: string, options: RequestOptions = {}, body?: string): Promise<Answer> {
  const answer = await send({ path, ...options }, body);
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  const { statusCode = 0, headers } = answer;
  return { status: statusCode, headers, body: Buffer.concat(chunks).toString() };
}

test('a handler answers below /run/NAME', async () => {
  const { status, headers, body } = await call('/run/hello');
  assert.deepEqual([status, headers['content-type'], body], [200, 'text/plain', 'hello']);
});

test('the path is split into the handler’s and the rest', async () => {
  for (const [path, ...lines] of [
    ['/run/address', '/run/address', '', '', 'GET'],
    ['/run/address/', '/run/address', '/', '', 'GET'],
    ['/run/address/a/b%20c?x=1&y=%2F', '/run/address', '/a/b c', 'x=1&y=%2F', 'GET'],
    ['/run/address?x', '/run/address', '', 'x', 'GET'],
  ] as const) {
    const { body } = await call(path);
    assert.equal(body, [...lines, '127.0.0.1', 'address', ''].join('\n'), path);
  }
});

test('a handler answers at its own host and gets the whole path', async () => {
  const { body } = await call('/a?x=1', { headers: { host: `address.localhost:${runPort}` } });
  assert.deepEqual(body.split('\n').slice(0, 3), ['', '/a', 'x=1']);
  const capitals = await call('/', { headers: { host: `HELLO.localhost:${runPort}` } });
  assert.equal(capitals.body, 'hello');
});

test('without a handler the answer is a 404 that says where handlers are', async () => {
  for (const path of ['/', '/run/', '/run/nobody/', '/run/Hello', '/run/hello2', '/elsewhere']) {
    const { status, headers, body } = await call(path);
    assert.equal(status, 404, path);
    assert.match(headers['content-type'] ?? '', /^application\/problem\+json/);
    const problem: unknown = JSON.parse(body);
    assert.ok(typeof problem === 'object' && problem !== null && 'title' in problem);
    assert.equal(problem.title, 'No such handler');
  }
});

test('the guest’s status and headers are sent, including repeated headers', async () => {
  const { status, headers } = await call('/run/headers');
  assert.equal(status, 203);
  assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2']);
  assert.equal(headers['link'], '<a>, <b>');
  assert.equal(headers['x-mine'], 'yes');
  assert.match(
    String(headers['server-timing']),
    /^db;dur=7, run;dur=0, queue;dur=[\d.]+, run;dur=[\d.]+$/,
  );
});

test('the handler’s configuration and the request’s headers reach the guest', async () => {
  const headers = { 'x-repeated': ['one', 'two'] };
  const { body } = await call('/run/configured', { headers });
  assert.equal(body, 'green\none, two\n');
});

test('every method reaches the guest, and HEAD has no body', async () => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
    const { status, body } = await call('/run/address', { method });
    assert.deepEqual([status, body.split('\n')[3]], [200, method]);
  }
  const { status, headers, body } = await call('/run/hello', { method: 'HEAD' });
  assert.deepEqual([status, headers['content-type'], body], [200, 'text/plain', '']);
});

test('an unknown method gets a 501', async () => {
  const { status, body } = await call('/run/hello', { method: 'TRACE' });
  assert.equal(status, 501, body);
});

test('an invalid Host header gets a 400', async () => {
  const socket = connect(runPort, '127.0.0.1');
  socket.write('GET /run/hello HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n');
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  assert.match(Buffer.concat(chunks).toString(), /^HTTP\/1\.1 400 /);
});

test('a path that cannot be decoded reaches the guest unchanged', async () => {
  const { status, body } = await call('/run/address/%zz/%20');
  assert.deepEqual([status, body.split('\n')[1]], [200, '/%zz/ ']);
});

test('each response has the id of its run and its usage', async () => {
  const { headers } = await call('/run/hello');
  assert.match(String(headers['trisiel-execution']), /^[0-9a-f-]{36}$/);
  assert.ok(Number(headers['trisiel-gas']) > 0);
  assert.match(String(headers['server-timing']), /^queue;dur=[\d.]+, run;dur=[\d.]+$/);
  assert.equal(headers['content-length'], '5');
});

test('CORS lets the panel read every reply and use every method; other origins get what the guest allows', async () => {
  const from = (origin: string): RequestOptions => ({ headers: { origin } });
  const read = await call('/run/headers', from('http://panel.example'));
  assert.equal(read.headers['access-control-allow-origin'], 'http://panel.example');
  assert.equal(read.headers['access-control-expose-headers'], '*');
  assert.deepEqual(read.headers['set-cookie'], ['a=1', 'b=2']);
  const failed = await call('/run/traps', from('http://panel.example'));
  assert.equal(failed.headers['access-control-allow-origin'], '*');
  const asked = await call('/run/hello', {
    method: 'OPTIONS',
    headers: { origin: 'http://panel.example', 'access-control-request-method': 'DELETE' },
  });
  assert.equal(asked.status, 204);
  assert.equal(asked.headers['access-control-allow-methods'], 'DELETE');

  const other = await call('/run/hello', from('http://other.example'));
  assert.equal(other.headers['access-control-allow-origin'], undefined);
  const own = await call('/run/tells-who-reads', from('http://panel.example'));
  assert.equal(own.headers['access-control-allow-origin'], 'https://one.example');
});

test('request and response stream simultaneously', async () => {
  const options = {
    path: '/run/echo',
    method: 'POST',
    host: '127.0.0.1',
    port: runPort,
    agent: false,
  };
  const sent = request(options);
  sent.write('one');
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  assert.ok(answer);
  answer.setEncoding('utf8');
  const seen: string[] = [];
  for await (const chunk of answer) {
    seen.push(String(chunk));
    if (seen.length === 1) sent.write('two');
    else sent.end();
  }
  assert.deepEqual(seen, ['one', 'two']);
});

test('a large body passes unchanged, with Content-Length and chunked', async () => {
  const body = '0123456789'.repeat(100_000);
  for (const headers of [{ 'content-length': body.length }, { 'transfer-encoding': 'chunked' }]) {
    const answer = await call('/run/echo', { method: 'POST', headers }, body);
    assert.equal(answer.body === body, true);
  }
});

test('a request body that the guest does not read does not delay the response', async () => {
  const { status, body } = await call('/run/hello', { method: 'POST' }, 'x'.repeat(1_000_000));
  assert.deepEqual([status, body], [200, 'hello']);
});

for (const [name, detail] of [
  ['silent', /./],
  ['headless', /./],
  ['exits-badly', /^The guest ended with status 3 before its reply was complete\./],
  ['traps', /^The guest trapped in main: it executed "unreachable"/],
  ['endless', /^The guest used up its gas/],
] as const) {
  test(`a handler that fails before its headers gets a 502 with the reason: ${name}`, async () => {
    const { status, headers, body } = await call(`/run/${name}`);
    assert.equal(status, 502);
    assert.match(headers['content-type'] ?? '', /^application\/problem\+json/);
    const problem: { status: number; title: string; detail: string } = JSON.parse(body);
    assert.deepEqual([problem.status, problem.title], [502, 'The handler failed']);
    assert.match(problem.detail, detail);
    assert.doesNotMatch(body, /secret of the guest/);
  });
}

test('a handler that fails after its headers aborts the response, so that it is not taken as complete', async () => {
  const answer = await send({ path: '/run/traps-late' });
  assert.equal(answer.statusCode, 200);
  await assert.rejects(async () => {
    for await (const chunk of answer) assert.equal(String(chunk), 'begun');
  }, /aborted|reset/i);
});

test('the headers are sent while the guest still runs', async () => {
  const answer = await send({ path: '/run/sleeps' });
  const [begun]: Buffer[] = await once(answer, 'data');
  assert.equal(String(begun), 'begun');
  answer.destroy();
});

test('when the caller disconnects, the guest and its requests end', async () => {
  const answer = await send({ path: '/run/waits' });
  await once(answer, 'data');
  await asked.promise;
  answer.destroy();
  await gaveUp.promise;
});

test('when the caller disconnects during its request, the guest ends and the server continues', async () => {
  const options = {
    path: '/run/echo',
    method: 'POST',
    host: '127.0.0.1',
    port: runPort,
    agent: false,
  };
  const sent = request(options);
  sent.on('error', () => {});
  sent.write('half');
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  assert.ok(answer);
  answer.on('error', () => {});
  sent.destroy();
  assert.equal((await call('/run/hello')).body, 'hello');
});

for (const name of ['late-asleep', 'late-asking']) {
  test(`a handler that does not answer in time gets a 504 with the time limit: ${name}`, async () => {
    const { status, headers, body } = await call(`/run/${name}`);
    const problem: Record<string, unknown> = JSON.parse(body);
    assert.deepEqual([status, problem['status'], problem['code']], [504, 504, 'handler-late']);
    assert.equal(problem['executionId'], headers['trisiel-execution']);
    assert.equal(problem['reason'], 'time');
    // The time for loading is not counted.
    assert.ok(Number(problem['limit']) <= SHORT_MS && Number(problem['used']) >= 0, body);
  });
}
