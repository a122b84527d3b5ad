/** HTTP/1.0 callers, which support neither chunks nor trailers, and connections with incomplete requests. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import { after, before, suite, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { startNginx } from '../../bench/measure/nginx.ts';
import { guest } from '../../olin/conformance/guest.ts';
import { compile } from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { compile as compileText } from '../../sdk/wat/compile.ts';
import { buildExecutorApp } from '../../server/executor/app.ts';
import { ProblemError } from '../../server/problems/problems.ts';
import { TIERS } from '../../server/tiers.ts';
import { atEnd } from '../setup/at-end.ts';

const runFile = promisify(execFile);
const LARGE_BYTES = 20 * 16_384;
const head = '"Content-Type: text/plain\\n\\n"';
const GUESTS: Readonly<Record<string, string>> = {
  hello: `(call $show ${head}) (call $show "hello")`,
  ticks: `(call $show ${head}) (call $show "one,") (call $runtime_msleep #50)
    (call $show "two,") (call $runtime_msleep #50) (call $show "three")`,
  large: `(call $show ${head}) (local.set $a (call $io_get_stdout)) (local.set $n #20)
    (loop $more (drop (call $resource_write (local.get $a) #1024 #16384))
      (br_if $more (local.tee $n (i32.sub (local.get $n) #1))))`,
  breaks: `(call $show ${head}) (call $show "one,") (call $runtime_msleep #50) (unreachable)`,
  dated: `(call $show "Content-Type: text/plain\\nDate: Thu, 01 Jan 1970 00:00:00 GMT\\nDate: x\\n\\n")
    (call $show "old")`,
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
    const plain = { isPrivate: false, keepsTrace: false, policy: undefined, env: {} };
    return { ...ids, ...plain, name, mode: 'sync' as const, limits, module };
  },
});
let port = 0;
const faults: unknown[] = [];
const keepFault = (error: unknown): void => void faults.push(error);

before(async () => {
  process.on('uncaughtException', keepFault);
  port = Number(new URL(await executor.listen({ port: 0, host: '127.0.0.1' })).port);
});
after(async () => {
  await executor.close();
  process.off('uncaughtException', keepFault);
  assert.deepEqual(faults, [], 'a request would have ended the process');
});

/** Returns everything received until the connection ends, followed by `(reset)` if it was reset. */
function exchange(text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let all = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => (all += chunk));
  socket.on('error', () => (all += '(reset)'));
  socket.write(text, 'latin1');
  return new Promise((resolve) => socket.on('close', () => resolve(all)));
}

const get = (name: string, { method = 'GET', fields = '' } = {}): string =>
  `${method} /run/${name}/ HTTP/1.0\r\nHost: localhost\r\n${fields}\r\n`;

const bodyOf = (answer: string): string => answer.slice(answer.indexOf('\r\n\r\n') + 4);

suite('an HTTP/1.0 caller', () => {
  for (const fields of ['', 'Connection: keep-alive\r\n', 'TE: chunked, trailers\r\n']) {
    const title = fields === '' ? '' : `, with ${fields.trim()}`;
    test(`reads a complete stream, without chunks and trailers${title}`, async () => {
      const answer = await exchange(get('ticks', { fields }));
      assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
      assert.doesNotMatch(answer, /^(transfer-encoding|trailer|content-length):/im);
      assert.match(answer, /^connection: close\r$/im);
      assert.equal(bodyOf(answer), 'one,two,three');
    });

    test(`reads a complete body over 64 KiB${title}`, async () => {
      const answer = await exchange(get('large', { fields }));
      assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
      assert.equal(bodyOf(answer).length, LARGE_BYTES);
    });
  }

  test('keeps its connection for responses of known length', async () => {
    const kept = get('hello', { fields: 'Connection: keep-alive\r\n' });
    const answer = await exchange(kept + get('hello'));
    assert.equal(answer.match(/HTTP\/1\.1 200 OK\r$/gm)?.length, 2);
    assert.match(answer, /^connection: keep-alive\r$/im);
    assert.match(answer, /^trisiel-gas: \d+\r$/im);
  });

  for (const name of ['hello', 'ticks', 'large']) {
    test(`gets only the head for HEAD (${name})`, async () => {
      const answer = await exchange(get(name, { method: 'HEAD' }));
      assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
      assert.equal(bodyOf(answer), '');
    });
  }

  test('can tell a broken response from a complete one', async () => {
    assert.match(await exchange(get('breaks')), /\(reset\)$/);
  });

  test('gets a problem with the right reason phrase', async () => {
    assert.match(await exchange(get('absent')), /^HTTP\/1\.1 404 Not Found\r\n/);
  });

  test('may be curl', async (t) => {
    const curl = async (...args: string[]): Promise<string> => {
      const given = ['-0', '-sS', '--max-time', '20', ...args];
      const { stdout } = await runFile('curl', given, { maxBuffer: 4 * LARGE_BYTES });
      return stdout;
    };
    try {
      await runFile('curl', ['--version']);
    } catch {
      return t.skip('curl is not installed');
    }
    assert.equal(await curl(`http://127.0.0.1:${port}/run/ticks/`), 'one,two,three');
    assert.equal((await curl(`http://127.0.0.1:${port}/run/large/`)).length, LARGE_BYTES);
    assert.match(await curl('-I', `http://127.0.0.1:${port}/run/large/`), /^HTTP\/1\.1 200 OK/);
    const posted = await curl('-d', 'x=1', `http://127.0.0.1:${port}/run/ticks/`);
    assert.equal(posted, 'one,two,three');
  });

  test('may be an nginx proxy', async (t) => {
    const web = createServer((socket) => socket.end());
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    atEnd(t, () => web.close());
    const nginx = await startNginx({ web: portOf(web), run: [port], httpVersion: '1.0' });
    if ('reason' in nginx) return t.skip(nginx.reason);
    atEnd(t, () => nginx.stop());
    const host = 'run.trisiel.dev';
    const ask = async (path: string, method = 'GET'): Promise<[number | undefined, string]> => {
      const at = { host: '127.0.0.1', port: nginx.tlsPort, servername: host, path, method };
      const sent = request({ ...at, rejectUnauthorized: false, agent: false, headers: { host } });
      sent.end();
      const [answer]: IncomingMessage[] = await once(sent, 'response');
      assert.ok(answer);
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      return [answer.statusCode, Buffer.concat(chunks).toString('latin1')];
    };
    assert.deepEqual(await ask('/run/hello/'), [200, 'hello']);
    assert.deepEqual(await ask('/run/ticks/'), [200, 'one,two,three']);
    const [status, large] = await ask('/run/large/');
    assert.deepEqual([status, large.length], [200, LARGE_BYTES]);
    assert.deepEqual(await ask('/run/large/', 'HEAD'), [200, '']);
    await assert.rejects(ask('/run/breaks/'), 'a broken response looked complete');
  });
});

function portOf(server: { address(): unknown }): number {
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null && 'port' in address);
  return Number(address.port);
}

const chunkedPost = (name: string, body: string): string =>
  `POST /run/${name}/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${body}`;

test('an invalid request body during a streamed response aborts it without adding bytes', async () => {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.setEncoding('latin1');
  socket.write(chunkedPost('ticks', '3\r\nabc\r\n'), 'latin1');
  let all = '';
  socket.on('data', (chunk: string) => {
    if (all === '') socket.write('no length\r\n', 'latin1');
    all += chunk;
  });
  await once(socket, 'close');
  assert.match(all, /^HTTP\/1\.1 200 OK\r\n/);
  assert.equal(all.match(/HTTP\/1\.1/g)?.length, 1, all);
});

test('bytes that are not a request get a problem document, also after good requests', async (t) => {
  const good = 'GET /run/hello/ HTTP/1.1\r\nHost: localhost\r\n\r\n';
  for (const before of ['', good]) {
    const socket = await open(t);
    let all = '';
    socket.on('data', (chunk: string) => (all += chunk));
    if (before !== '') {
      socket.write(before);
      await once(socket, 'data');
    }
    socket.write('GET / HTTP/1.1\r\nno colon\r\n\r\n');
    await once(socket, 'close');
    const last = all.slice(all.lastIndexOf('HTTP/1.1'));
    assert.match(last, /^HTTP\/1\.1 400 Bad Request\r\n/);
    assert.match(last, /^content-type: application\/problem\+json\r$/m);
    const problem: unknown = JSON.parse(bodyOf(last));
    assert.ok(typeof problem === 'object' && problem !== null && 'detail' in problem);
  }
});

async function open(t: TestContext): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  atEnd(t, () => void socket.destroy());
  socket.on('error', () => undefined);
  socket.setEncoding('latin1');
  await once(socket, 'connect');
  return socket;
}

test('a guest’s Date header is sent once, in place of the server’s', async () => {
  for (const version of ['1.0', '1.1']) {
    const text = get('dated', { fields: 'Connection: close\r\n' }).replace('1.0', version);
    const plain = `GET /run/dated/ HTTP/1.1\r\nHost: localhost\r\n\r\n`;
    const both = version === '1.1' ? plain + text : text;
    const answer = await exchange(both);
    const dates = answer.match(/^date: .*$/gim);
    const expected = version === '1.1' ? 2 : 1;
    assert.deepEqual(dates, Array(expected).fill('Date: Thu, 01 Jan 1970 00:00:00 GMT'));
  }
});
