/**
 * Traffic of the executor: large bodies in constant memory, slow readers, request smuggling, replies with arbitrary
 * bytes.
 */
import assert from 'node:assert/strict';
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { after, before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { answerWith } from '../../olin/cgi/answer.ts';
import { guest } from '../../olin/conformance/guest.ts';
import { compile, type RunResult } from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { compile as compileText } from '../../sdk/wat/compile.ts';
import { buildExecutorApp } from '../../server/executor/app.ts';
import { ProblemError } from '../../server/problems/problems.ts';
import { TIERS } from '../../server/tiers.ts';

const head = '"Content-Type: text/plain\\n\\n"';
const GUESTS: Readonly<Record<string, string>> = {
  echo: `(call $show ${head})
    (local.set $fd (call $io_get_stdin)) (local.set $a (call $io_get_stdout))
    (block $end (loop $more
      (local.set $n (call $resource_read (local.get $fd) #64 #16384))
      (br_if $end (i32.lt_s (local.get $n) #0))
      (drop (call $resource_write (local.get $a) #64 (local.get $n)))
      (br $more)))`,
  floods: `(call $show ${head}) (local.set $a (call $io_get_stdout))
    (loop $more (drop (call $resource_write (local.get $a) #64 #16384)) (br $more))`,
  hello: `(call $show ${head}) (call $show "hello")`,
  ticks: `(call $show ${head}) (call $show "data: 1\\n\\n") (call $runtime_msleep #150)
    (call $show "data: 2\\n\\n") (call $runtime_msleep #150) (call $show "data: 3\\n\\n")`,
};

const executor = buildExecutorApp({
  platformFor: () => nodePlatform,
  async findHandler(name) {
    const body = GUESTS[name];
    if (body === undefined) throw new ProblemError('no-such-handler', 'There is none.');
    const built = await compileText(guest(body));
    assert.ok(built.ok, JSON.stringify(built));
    const module = await compile(built.module);
    const ids = { id: randomUUID(), ownerId: randomUUID(), versionId: randomUUID() };
    const { limits } = TIERS[2];
    const mode = 'sync' as const;
    const plain = { isPrivate: false, keepsTrace: false, policy: undefined, env: {} };
    return { ...ids, ...plain, name, mode, limits, module };
  },
});
let port = 0;

before(async () => {
  port = Number(new URL(await executor.listen({ port: 0, host: '127.0.0.1' })).port);
});
after(() => executor.close());

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

async function open(path: string, method = 'GET', body?: Readable): Promise<IncomingMessage> {
  const sent = request({ host: '127.0.0.1', port, path, method, agent: false });
  if (body === undefined) sent.end();
  else body.pipe(sent);
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  assert.ok(answer);
  return answer;
}

/** Sends the bytes, and returns everything received. */
async function exchange(text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(text, 'latin1');
  socket.setTimeout(1500, () => socket.destroy());
  let all = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => (all += chunk));
  await once(socket, 'close');
  return all;
}

test('a body of 100 MB passes in both directions in constant memory', async () => {
  const size = 100 * 1024 * 1024;
  const piece = Buffer.alloc(65_536, 'x');
  const pieces = Readable.from(
    (function* give() {
      for (let sent = 0; sent < size; sent += piece.length) yield piece;
    })(),
  );
  await (await open('/run/hello')).resume().toArray();
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  let received = 0;
  let looks = 0;
  const answer = await open('/run/echo', 'POST', pieces);
  for await (const chunk of answer) {
    received += chunk.length;
    if (received < looks * 10_000_000) continue;
    looks += 1;
    // Garbage does not count. Another thread releases buffers after the collection.
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 30));
    collectGarbage();
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }
  assert.equal(received, size);
  assert.ok(most < 48 * 1024 * 1024, `${most} bytes were held`);
});

test('events of a guest arrive while it runs, not only at its end', async () => {
  const answer = await open('/run/ticks');
  answer.setEncoding('utf8');
  const seen: string[] = [];
  for await (const chunk of answer) seen.push(String(chunk));
  // Two may arrive together if this process is busy.
  assert.equal(seen.join(''), 'data: 1\n\ndata: 2\n\ndata: 3\n\n');
  assert.ok(seen.length > 1);
});

test('a reader that does not read makes the guest wait, and nothing accumulates', async () => {
  const answer = await open('/run/floods');
  answer.pause();
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = process.memoryUsage().arrayBuffers;
  await new Promise((resolve) => setTimeout(resolve, 700));
  const more = process.memoryUsage().arrayBuffers - before;
  answer.destroy();
  assert.ok(more < 16 * 1024 * 1024, `${more} bytes accumulated`);
});

test('a request that another server could read as two is refused', async () => {
  const get = 'GET /run/hello HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const post = (fields: string, body: string): string =>
    `POST /run/echo HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n\r\n${body}${get}`;
  for (const attack of [
    post('Content-Length: 5\r\nTransfer-Encoding: chunked', '0\r\n\r\n'),
    post('Content-Length: 5\r\nContent-Length: 6', 'hello'),
    post('Content-Length: 5, 6', 'hello'),
    post('Content-Length: +5', 'hello'),
    post('Content-Length: 0x5', 'hello'),
    post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', '0\r\n\r\n'),
    post('Transfer-Encoding: xchunked', '0\r\n\r\n'),
    post('Transfer-Encoding : chunked', '0\r\n\r\n'),
    post('Transfer-Encoding: chunked', '5\r\nhelloX\r\n0\r\n\r\n'),
    post('Transfer-Encoding: chunked', '-1\r\n\r\n'),
    post('X-A: b\n\nGET /run/hello HTTP/1.1\r\nContent-Length: 0', ''),
    post('X: a\0b', ''),
    'GET /run/hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'GET /run/hello HTTP/1.1\r\n\r\n',
    'GET /run/hello HTTP/1.1\nHost: localhost\n\n',
    'GET /run/hello HTTP/9.9\r\nHost: localhost\r\n\r\n',
  ]) {
    const answer = await exchange(attack);
    const statuses = Array.from(answer.matchAll(/HTTP\/1\.1 (\d{3})/g), ([, status]) => status);
    assert.ok(statuses.length <= 1, `${JSON.stringify(attack)} gave ${statuses.join(', ')}`);
    // If the head was valid, the guest may have begun to respond; then the connection is cut.
    const isCut = statuses[0] === '200' && !answer.endsWith('0\r\n\r\n');
    assert.ok(
      isCut || statuses[0] === undefined || statuses[0] === '400',
      `${JSON.stringify(attack)}: ${answer}`,
    );
  }
});

test('whatever a guest writes, the caller gets one response with its headers, or a fault', async () => {
  const seeds = [
    'Content-Type: text/plain\n\nbody',
    'Status: 404 Not Found\r\nContent-Type: a/b\r\n\r\nx',
    'Location: /a\n\n',
    'Content-Type: text/plain\nContent-Length: 3\n\nabc',
    'Set-Cookie: a=1\nSet-Cookie: b=2\nContent-Type: t/p\n\n',
  ];
  const odd = [
    '\r',
    '\n',
    '\0',
    ':',
    ' ',
    '\t',
    '\r\n\r\n',
    'Status: 200',
    'HTTP/1.1 200 OK\r\n',
    'é',
    '\x7f',
  ];
  const result: RunResult = {
    exit: 0,
    output: new Uint8Array(),
    errorOutput: new Uint8Array(),
    log: [],
    trace: [],
    bill: { gas: 0, memoryPages: 0, calls: {}, urls: [], bytesIn: 0, bytesOut: 0, wallMs: 0 },
  };
  for (let round = 0; round < 5000; round++) {
    let text = seeds[round % seeds.length] ?? '';
    for (let change = randomInt(5); change > 0; change--) {
      const at = randomInt(text.length + 1);
      text = text.slice(0, at) + (odd[randomInt(odd.length)] ?? '') + text.slice(at + randomInt(3));
    }
    const bytes = round % 50 === 0 ? randomBytes(200) : Buffer.from(text);
    const heads: { readonly fields: readonly { name: string; value: string }[] }[] = [];
    const answered = await answerWith(
      async ({ stdout }) => {
        for (let at = 0; at < bytes.length;) {
          const end = at + 1 + randomInt(20);
          await stdout?.(bytes.subarray(at, end));
          at = end;
        }
        return result;
      },
      { method: 'GET', url: 'http://localhost/', headers: [], body: null },
      { onHead: (given) => heads.push(given), onBody: () => undefined },
      { platform: nodePlatform, abort: new AbortController() },
    );
    assert.equal(heads.length, answered.fault === undefined ? 1 : 0, JSON.stringify(text));
    for (const { name, value } of heads.flatMap(({ fields }) => fields)) {
      assert.match(name, /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, JSON.stringify(text));
      assert.match(value, /^[\t\x20-\x7e\x80-\xff]*$/, JSON.stringify(text));
    }
  }
});
