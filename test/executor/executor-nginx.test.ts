/** The configuration of deploy/nginx in a real nginx: it routes five host names and does not change responses. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as requestPlain } from 'node:http';
import { request } from 'node:https';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { suite, test } from 'node:test';
import { startNginx } from '../../bench/measure/nginx.ts';
import { atEnd } from '../setup/at-end.ts';
import { onAnyDatabase } from '../setup/servers/databases.ts';
import { startExecutor } from '../setup/servers/executor-server.ts';

suite('behind nginx', () => {
  const databases = onAnyDatabase();

  test('five host names and streams in both directions work, and no byte of a response is changed', async (t) => {
    const db = await databases.migrated(t);
    if (db === undefined) return;
    const web = createServer((asked, answer) => void answer.end(`web ${asked.headers.host}`));
    web.listen(0, '127.0.0.1');
    await once(web, 'listening');
    atEnd(t, () => web.close());
    const address = web.address();
    assert.ok(typeof address === 'object' && address !== null);
    const { origin, authors } = await startExecutor(t, db, {
      environment: { RUN_ORIGIN: 'https://run.trisiel.dev', TRUST_PROXY: 'true' },
    });
    const runPort = Number(new URL(origin).port);
    const nginx = await startNginx({ web: address.port, run: [runPort] });
    if ('reason' in nginx) return t.skip(nginx.reason);
    atEnd(t, () => nginx.stop());

    const author = await authors.make();
    const head =
      '"Content-Type: text/plain\\nServer: mine\\nX-Accel-Redirect: /metrics\\nX-Odd: a  b\\n\\n"';
    const tell = (name: string): string =>
      `(call $show #64 (call $env_get "${name}" #64 #512)) (call $show "\\n")`;
    await authors.deploy(author, {
      name: 'told',
      body: `(call $show ${head}) ${['REQUEST_URI', 'PATH_INFO', 'HTTP_HOST', 'REMOTE_ADDR', 'QUERY_STRING'].map(tell).join('')}`,
    });
    await authors.deploy(author, {
      name: 'echo',
      body: `(call $show "Content-Type: text/plain\\n\\n")
        (local.set $fd (call $io_get_stdin)) (local.set $a (call $io_get_stdout))
        (block $end (loop $more
          (local.set $n (call $resource_read (local.get $fd) #64 #4096))
          (br_if $end (i32.lt_s (local.get $n) #0))
          (drop (call $resource_write (local.get $a) #64 (local.get $n)))
          (br $more)))`,
    });
    const open = async (
      host: string,
      path: string,
      options: Pick<RequestOptions, 'method'> = {},
      forged: Readonly<Record<string, string>> = {},
      write?: (sent: ReturnType<typeof request>) => void,
    ): Promise<IncomingMessage> => {
      const sent = request({
        host: '127.0.0.1',
        port: nginx.tlsPort,
        servername: host,
        rejectUnauthorized: false,
        agent: false,
        path,
        ...options,
        headers: { host, ...forged },
      });
      if (write === undefined) sent.end();
      else write(sent);
      const [answer]: IncomingMessage[] = await once(sent, 'response');
      assert.ok(answer);
      return answer;
    };
    const read = async (answer: IncomingMessage): Promise<string> => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(chunk);
      return Buffer.concat(chunks).toString();
    };

    for (const name of ['docs', 'panel', 'api']) {
      const host = `${name}.trisiel.com`;
      assert.equal(await read(await open(host, '/x')), `web ${host}`);
      assert.equal((await open(host, '/metrics')).statusCode, 404);
    }
    assert.equal((await open('run.trisiel.dev', '/metrics')).statusCode, 404);
    const path = '/a//b%2Fc/../d%20e?x=%2F&y=1;2';
    const forged = { 'x-forwarded-for': '6.6.6.6' };
    const byPath = await open('run.trisiel.dev', `/run/told${path}`, {}, forged);
    assert.equal((await read(byPath)).split('\n')[3], '127.0.0.1');
    const byHost = await open('told.run.trisiel.dev', path, {}, forged);
    assert.deepEqual([byHost.headers['server'], byHost.headers['x-odd']], ['mine', 'a  b']);
    const [uri, info, asked, from, query] = (await read(byHost)).split('\n');
    assert.deepEqual([asked, from, query], ['told.run.trisiel.dev', '127.0.0.1', 'x=%2F&y=1;2']);
    const direct = requestPlain({ host: '127.0.0.1', port: runPort, path, agent: false });
    direct.setHeader('host', 'told.run.trisiel.dev').end();
    const [plain]: IncomingMessage[] = await once(direct, 'response');
    assert.ok(plain);
    assert.deepEqual([uri, info], (await read(plain)).split('\n').slice(0, 2));

    const seen: string[] = [];
    let sending: ReturnType<typeof request> | undefined;
    const streamed = await open('echo.run.trisiel.dev', '/', { method: 'POST' }, {}, (sent) => {
      sending = sent;
      sent.write('one');
    });
    streamed.setEncoding('utf8');
    for await (const chunk of streamed) {
      seen.push(String(chunk));
      if (seen.length === 1) sending?.write('two');
      else sending?.end();
    }
    assert.deepEqual(seen, ['one', 'two']);
  });

  test('a POST that an executor died during is not sent to another one', async (t) => {
    let sent = 0;
    const ports = await Promise.all(
      [0, 1].map(async () => {
        const dying = createServer(({ socket }) => {
          sent += 1;
          socket.destroy();
        });
        dying.listen(0, '127.0.0.1');
        await once(dying, 'listening');
        atEnd(t, () => dying.close());
        const address = dying.address();
        assert.ok(typeof address === 'object' && address !== null);
        return address.port;
      }),
    );
    const nginx = await startNginx({ web: ports[0] ?? 0, run: ports });
    if ('reason' in nginx) return t.skip(nginx.reason);
    atEnd(t, () => nginx.stop());
    const host = 'run.trisiel.dev';
    const at = { host: '127.0.0.1', port: nginx.tlsPort, servername: host, path: '/run/x/' };
    const options = { method: 'POST', headers: { host }, agent: false };
    const post = request({ ...at, ...options, rejectUnauthorized: false });
    post.end('pay');
    const [answer]: IncomingMessage[] = await once(post, 'response');
    assert.deepEqual([answer?.statusCode, sent], [502, 1]);
  });
});
