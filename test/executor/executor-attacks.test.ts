/**
 * Attacks on the run origin by callers and guests: ambiguous URLs, headers that affect the connection or other handlers
 * of the origin, and malformed replies.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { guest } from '../../olin/conformance/guest.ts';
import { compile } from '../../olin/index.ts';
import { nodePlatform } from '../../olin/platform/node.ts';
import { compile as compileText } from '../../sdk/wat/compile.ts';
import { buildExecutorApp } from '../../server/executor/app.ts';
import { ProblemError } from '../../server/problems/problems.ts';
import { TIERS } from '../../server/tiers.ts';

const tell = (name: string): string =>
  `(call $show "${name}=") (call $show #64 (call $env_get "${name}" #64 #4096)) (call $show "\\n")`;
const TOLD = ['SCRIPT_NAME', 'PATH_INFO', 'QUERY_STRING', 'SERVER_NAME', 'REQUEST_URI'];
const GUESTS: Readonly<Record<string, string>> = {
  told: `(call $show "Content-Type: text/plain\\n\\n") ${TOLD.map(tell).join(' ')}`,
  // Replies with the request body, including the headers.
  raw: `(local.set $fd (call $io_get_stdin)) (local.set $a (call $io_get_stdout))
    (block $end (loop $more
      (local.set $n (call $resource_read (local.get $fd) #64 #16384))
      (br_if $end (i32.lt_s (local.get $n) #0))
      (drop (call $resource_write (local.get $a) #64 (local.get $n)))
      (br $more)))`,
};

const executor = buildExecutorApp({
  platformFor: () => nodePlatform,
  async findHandler(name) {
    const body = GUESTS[name];
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
      limits: TIERS[2].limits,
      module: await compile(built.module),
      policy: undefined,
      env: {},
    };
  },
});
let port = 0;
before(async () => {
  port = Number(new URL(await executor.listen({ port: 0, host: '127.0.0.1' })).port);
});
after(() => executor.close());

/** Sends bytes, and returns everything received until the connection ends. */
async function exchange(bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(bytes, 'latin1');
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of socket) chunks.push(chunk);
  } catch {
    // The connection was reset; the bytes received before count.
  }
  return Buffer.concat(chunks).toString('latin1');
}

const get = (target: string, host = 'localhost'): Promise<string> =>
  exchange(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);

/** Sends a reply through the guest, and returns it as the caller receives it. */
async function reply(text: string): Promise<{ status: number; fields: string[]; body: string }> {
  const answer = await exchange(
    `POST /run/raw/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`,
  );
  const at = answer.indexOf('\r\n\r\n');
  const [line = '', ...fields] = answer.slice(0, at).split('\r\n');
  assert.match(line, /^HTTP\/1\.1 [2-5]\d\d [\t\x20-\x7e\x80-\xff]*$/, JSON.stringify(answer));
  for (const field of fields) assert.match(field, /^[!#$%&'*+.^_`|~0-9A-Za-z-]+: [^\0\r\n]*$/);
  return { status: Number(line.split(' ')[1]), fields, body: answer.slice(at + 4) };
}

suite('addresses', () => {
  test('dots in a path reach no other handler and cause no server error', async () => {
    for (const path of [
      '/run/told/../raw/',
      '/run/told/..%2fraw/',
      '/run/told/%2e%2e/raw/',
      '/run/told/.%2E/raw/',
      '/run/told/../../healthz',
      '/run/told/..',
      '/run/../run/told/',
      '/run/./told/',
      '//run/told/',
      '/run//told/',
      '/run/told\\..\\raw/',
    ]) {
      const answer = await get(path);
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
      assert.ok(status < 500, `${path}: ${answer}`);
      const script = /^SCRIPT_NAME=(.*)$/m.exec(answer)?.[1];
      assert.ok(script === undefined || script === '/run/told', `${path}: ${answer}`);
    }
  });

  test('a request target that is an absolute URL or invalid is not treated as a path', async () => {
    for (const target of [
      'http://localhost/run/told/',
      'http://evil.example/run/told/',
      'http://told.localhost/x',
      '*',
      'run/told/',
      '?x',
      '@evil.example/run/told/',
    ]) {
      for (const host of ['localhost', 'told.localhost']) {
        const answer = await get(target, host);
        const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 400);
        assert.ok(status === 400 || status === 404, `${target} at ${host}: ${answer}`);
      }
    }
  });

  test('an invalid Host header is refused before any lookup', async () => {
    for (const host of [
      'told.localhost@evil.example',
      'told.localhost/x',
      'told.localhost?x',
      'told.localhost#x',
      'told.localhost:80:80',
      'told.localhost:99999',
      'told.localhost\\',
      'told.localhost x',
      'told%2elocalhost',
      '.localhost',
      'a.told.localhost',
      'told..localhost',
    ]) {
      const answer = await get('/x', host);
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
      assert.ok(status === 400 || status === 404, `${host}: ${answer}`);
    }
  });

  test('a request for another protocol is answered in HTTP/1.1 or refused', async () => {
    for (const fields of [
      'Upgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\n',
      'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings, close\r\nHTTP2-Settings: AAA\r\n',
      'Expect: something\r\nConnection: close\r\n',
    ]) {
      const answer = await exchange(`GET /run/told/ HTTP/1.1\r\nHost: localhost\r\n${fields}\r\n`);
      assert.match(answer, /^HTTP\/1\.1 (200|400|417|426) /, answer);
      assert.doesNotMatch(answer, /101 Switching/);
    }
    assert.doesNotMatch(
      await exchange('CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n'),
      / 200 /,
    );
    assert.doesNotMatch(await exchange('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), / 200 /);
  });
});

suite('replies', () => {
  const type = 'Content-Type: text/plain';

  test('a guest cannot set headers of the connection: they are removed or refused', async () => {
    for (const field of [
      'Connection: keep-alive',
      'Connection: upgrade',
      'Keep-Alive: timeout=9999',
      'Upgrade: h2c',
      'Trailer: X-Late',
      'TE: trailers',
      'Proxy-Authenticate: Basic',
    ]) {
      const { status, fields, body } = await reply(`${type}\n${field}\n\nbody`);
      assert.deepEqual([status, body.includes('body')], [200, true]);
      assert.ok(!fields.includes(field), field);
    }
    for (const text of [
      `${type}\nTransfer-Encoding: chunked\n\n4\r\nbody\r\n0\r\n\r\n`,
      `${type}\nTransfer-Encoding: identity\n\nbody`,
      `${type}\nContent-Length: 4\nContent-Length: 5\n\nbody`,
      `${type}\nContent-Length: 4, 4\n\nbody`,
      `${type}\nContent-Length: -1\n\nbody`,
      `${type}\nContent-Length: 9\n\nbody`,
      `Status: 101 Switching Protocols\n${type}\n\n`,
      `Status: 100 Continue\n${type}\n\n`,
      `Status: 000\n${type}\n\n`,
      `Status: 600\n${type}\n\n`,
      `Status: 200 OK\rX-Injected: yes\n${type}\n\nbody`,
      `Status: 200 O\0K\n${type}\n\nbody`,
      `${type}\nLocation: /a\rX-Injected: yes\n\nbody`,
      `${type}\nX\u00e9: yes\n\nbody`,
      `HTTP/1.1 200 OK\r\n${type}\r\n\r\nbody`,
    ]) {
      const { status, fields } = await reply(text);
      assert.equal(status, 502, JSON.stringify(text));
      assert.ok(!fields.some((field) => field.startsWith('X-Injected')));
    }
    const cut = await exchange(
      `POST /run/raw/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 46\r\nConnection: close\r\n\r\n${type}\nContent-Length: 2\n\nbody`,
    );
    assert.doesNotMatch(cut, /body/, 'more than Content-Length');
  });

  test('a reply that must not have a body has none, whatever the guest writes', async () => {
    for (const status of ['204', '205', '304']) {
      const { fields, body } = await reply(
        `Status: ${status}\n${type}\n\nHTTP/1.1 200 OK\r\nX-Second: yes\r\n\r\n`,
      );
      assert.equal(body.replace(/^0\r\n\r\n$/, ''), '', fields.join());
    }
  });

  test('a guest cannot set the platform’s own headers', async () => {
    const { fields } = await reply(`${type}\nTrisiel-Execution: forged\ntrisiel-gas: 1\n\nbody`);
    const own = fields.filter((field) => /^trisiel-/i.test(field));
    assert.equal(own.filter((field) => /forged|: 1$/.test(field)).length, 0, own.join());
  });

  test('a guest cannot set headers that affect other handlers of the origin or other pages', async () => {
    const { fields } = await reply(
      [
        type,
        'Service-Worker-Allowed: /',
        'Clear-Site-Data: "*"',
        'Strict-Transport-Security: max-age=0; includeSubDomains',
        'Alt-Svc: h3="evil.example:443"',
        'Report-To: {"group":"g","max_age":1,"endpoints":[{"url":"https://evil.example"}]}',
        'NEL: {"report_to":"g","max_age":1,"include_subdomains":true}',
        'Set-Cookie: a=1; Path=/; Domain=localhost',
        'Set-Cookie: b=2; path=/; domain = .run.trisiel.dev',
        'Set-Cookie: c=3; Path=/; HttpOnly',
        'Set-Cookie: trisiel_session=planted',
        'X-Mine: yes',
        '\nbody',
      ].join('\n'),
    );
    const names = fields.map((field) => field.split(':', 1)[0]?.toLowerCase() ?? '');
    for (const name of [
      'service-worker-allowed',
      'clear-site-data',
      'strict-transport-security',
      'alt-svc',
      'report-to',
      'nel',
    ]) {
      assert.ok(!names.includes(name), name);
    }
    assert.deepEqual(
      fields.filter((field) => /^set-cookie/i.test(field)),
      ['Set-Cookie: a=1; Path=/', 'Set-Cookie: b=2; path=/', 'Set-Cookie: c=3; Path=/; HttpOnly'],
    );
    assert.ok(fields.includes('X-Mine: yes'));
  });
});
