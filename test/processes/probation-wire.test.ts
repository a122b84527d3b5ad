/** Calls forwarded from an executor process to a probation process behave as calls that are not forwarded. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { suite, test, type TestContext } from 'node:test';
import { onAnyDatabase } from '../setup/servers/databases.ts';
import { waitForRun } from '../setup/servers/executor-server.ts';
import { say } from '../setup/followed-calls.ts';
import { startPair, type ProbationPair } from '../setup/servers/probation-pair.ts';

const head = '"Content-Type: text/plain\\n\\n"';
const ECHO = `(call $show ${head})
  (local.set $fd (call $io_get_stdin)) (local.set $a (call $io_get_stdout))
  (block $end (loop $more
    (local.set $n (call $resource_read (local.get $fd) #64 #16384))
    (br_if $end (i32.lt_s (local.get $n) #0))
    (drop (call $resource_write (local.get $a) #64 (local.get $n)))
    (br $more)))`;
const TICKS = `(call $show ${head}) (call $show "one,") (call $runtime_msleep #100)
  (call $show "two,") (call $runtime_msleep #100) (call $show "three")`;
const envText = (name: string): string =>
  `(call $show #64 (call $env_get "${name}" #64 #512)) (call $show "\\n")`;

async function open(
  { origin }: ProbationPair,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: Readable } = {},
): Promise<IncomingMessage> {
  const { method = 'GET', headers = {}, body } = options;
  const sent = request(`${origin}${path}`, { method, headers, agent: false });
  if (body === undefined) sent.end();
  else body.pipe(sent);
  const [answer]: IncomingMessage[] = await once(sent, 'response');
  assert.ok(answer);
  return answer;
}

/** Sends bytes, and returns those received until the connection ends. */
async function exchange({ origin }: ProbationPair, sent: string): Promise<string> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(sent, 'latin1');
  return text(socket);
}

suite('a call forwarded to a probation process', () => {
  const databases = onAnyDatabase();

  const start = async (t: TestContext, runs: number, options = {}) => {
    const db = await databases.migrated(t);
    assert.ok(db);
    const pair = await startPair(t, db, { runs, ...options });
    return { db, pair, author: await pair.authors.make() };
  };

  test('a guest sees the address, method, headers and query of its caller, not of the executor process', async (t) => {
    const { pair, author } = await start(t, 1000, { environment: { TRUST_PROXY: 'true' } });
    const names = [
      'REMOTE_ADDR',
      'REQUEST_METHOD',
      'QUERY_STRING',
      'HTTP_X_MINE',
      'SCRIPT_NAME',
      'HTTP_HOST',
      'HTTP_TRISIEL_CALL',
    ];
    const body = `(call $show ${head}) ${names.map(envText).join('')}`;
    await pair.authors.deploy(author, { name: 'sees', body });
    const answer = await open(pair, '/run/sees/a?b=c', {
      method: 'DELETE',
      headers: { 'X-Mine': 'yes', 'X-Forwarded-For': '203.0.113.9', 'Trisiel-Call': 'e30=' },
    });
    const { host } = new URL(pair.origin);
    assert.deepEqual((await text(answer)).split('\n').slice(0, -1), [
      '203.0.113.9',
      'DELETE',
      'b=c',
      'yes',
      '/run/sees',
      host,
      'e30=',
    ]);
  });

  test('a caller’s own forwarding header is an ordinary header', async (t) => {
    const { pair, author } = await start(t, 1000);
    await pair.authors.deploy(author, {
      name: 'plain',
      body: `(call $show ${head}) ${envText('REMOTE_ADDR')}`,
    });
    const forged = Buffer.from(JSON.stringify({ remoteAddress: '203.0.113.9' })).toString('base64');
    const answer = await fetch(`${pair.origin}/run/plain`, { headers: { 'trisiel-call': forged } });
    assert.equal((await answer.text()).trim(), '127.0.0.1');
  });

  test('output of a guest arrives while it runs, and its gas and duration arrive in trailers', async (t) => {
    const { pair, author } = await start(t, 1000);
    await pair.authors.deploy(author, { name: 'ticks', body: TICKS });
    const answer = await open(pair, '/run/ticks');
    answer.setEncoding('utf8');
    const seen: string[] = [];
    for await (const chunk of answer) seen.push(String(chunk));
    // Two chunks may arrive together if this process is busy.
    assert.equal(seen.join(''), 'one,two,three');
    assert.ok(seen.length > 1);
    assert.ok(Number(answer.trailers['trisiel-gas']) > 0);
    assert.match(answer.trailers['server-timing'] ?? '', /run;dur=/);
  });

  test('a body of 20 MB passes completely in both directions', async (t) => {
    const { pair, author } = await start(t, 1000);
    await pair.authors.deploy(author, { name: 'echo', body: ECHO });
    const piece = Buffer.alloc(65_536, 'x');
    const pieces = Readable.from(Array.from({ length: 320 }, () => piece));
    const answer = await open(pair, '/run/echo', { method: 'POST', body: pieces });
    let received = 0;
    for await (const chunk of answer) received += chunk.length;
    assert.equal(received, 320 * piece.length);
  });

  test('a request body that the guest did not read does not block the next request on the connection', async (t) => {
    const { pair, author } = await start(t, 1000);
    await pair.authors.deploy(author, { name: 'hasty', body: say('done') });
    const body = 'x'.repeat(300_000);
    const post = `POST /run/hasty HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    const last = 'GET /run/hasty HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n';
    const all = await exchange(pair, post + last);
    assert.equal(all.match(/HTTP\/1\.1 200/g)?.length, 2, all);
    assert.equal(all.match(/done/g)?.length, 2);
  });

  test('a response to HEAD has no body, one to HTTP/1.0 is not chunked, and 100 Continue is sent', async (t) => {
    const { pair, author } = await start(t, 1000);
    await pair.authors.deploy(author, { name: 'ticks', body: TICKS });
    await pair.authors.deploy(author, { name: 'echo', body: ECHO });
    const asked = await exchange(
      pair,
      'HEAD /run/ticks HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n',
    );
    assert.match(asked, /^HTTP\/1\.1 200 OK\r\n/);
    assert.ok(asked.endsWith('\r\n\r\n'), asked);
    const old = await exchange(pair, 'GET /run/ticks HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n');
    assert.doesNotMatch(old, /transfer-encoding|trailer/i);
    assert.ok(old.endsWith('\r\n\r\none,two,three'), old);
    const expecting = await exchange(
      pair,
      'POST /run/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi',
    );
    assert.match(expecting, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
  });

  test('a caller that disconnects stops the run', async (t) => {
    const { db, pair, author } = await start(t, 1000);
    const body = `(call $show ${head}) (call $show "begun") (call $runtime_msleep #9000)`;
    await pair.authors.deploy(author, { name: 'long', body });
    const answer = await open(pair, '/run/long');
    const id = String(answer.headers['trisiel-execution']);
    answer.destroy();
    assert.equal((await waitForRun(db, id)).status, 'cancelled');
  });
});
