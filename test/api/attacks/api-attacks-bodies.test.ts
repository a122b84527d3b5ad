/** An attacker who sends raw bytes: endless uploads, malformed forms, and bytes that are not HTTP. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import type { Database } from '../../../server/db/connection/database.ts';
import { atEnd } from '../../setup/at-end.ts';
import {
  Browser,
  field,
  signInAs,
  startApi,
  textField,
  type ApiServer,
} from '../../setup/servers/api-server.ts';
import { onAnyDatabase } from '../../setup/servers/databases.ts';

const ROOT = join(import.meta.dirname, '../../..');
const hello = Uint8Array.from(readFileSync(join(ROOT, 'examples/hello/module.wasm')));
const UPLOAD = '/api/handlers/target/versions';

suite('an attacker who sends raw bytes', () => {
  const databases = onAnyDatabase();
  const migrated = async (t: TestContext): Promise<Database> =>
    (await databases.migrated(t)) ?? assert.fail('no database');

  test('cannot exhaust memory with endless uploads: their number is limited, and too large ones are refused', async (t) => {
    const { api, author } = await makeTarget(t, await migrated(t));
    // The server looks up who sends each, so which of the seven is the last is not known here.
    const slow = Array.from({ length: 7 }, () => beginUpload(t, api, author, 1000));
    const refused = await Promise.race(slow.map(({ answer }) => answer));
    assert.equal(refused.statusCode, 429, 'refused before the body has arrived');
    const huge = await beginUpload(t, api, author, 5_000_000).answer;
    assert.equal(huge.statusCode, 413, 'refused before the body has arrived');
    // Another author is not blocked, and abandoned uploads free their places.
    const other = await signInAs(api, 'other');
    await other.send('POST', '/api/handlers', { json: { name: 'others' } });
    const wasm = { body: hello, headers: { 'content-type': 'application/wasm' } };
    assert.equal((await other.send('POST', '/api/handlers/others/versions', wasm)).status, 201);
    for (const { request } of slow) request.destroy();
    await until(async () => (await author.send('POST', UPLOAD, wasm)).status === 201);
  });

  test('with bytes that are not HTTP gets a problem document like any other', async (t) => {
    const api = await startApi(t, await migrated(t));
    const cases = [
      [`GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`, 431],
      [`GET /${'a'.repeat(40_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, 431],
      ['GET /healthz HTTP/1.1\r\nHost : localhost\r\n\r\n', 400],
      ['\x16\x03\x01 hello', 400],
      [
        'POST /logout HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n',
        400,
      ],
    ] as const;
    for (const [bytes, status] of cases) {
      const answer = await speak(api, bytes);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), JSON.stringify(bytes.slice(0, 60)));
      const problem: unknown = JSON.parse(answer.slice(answer.indexOf('{')));
      assert.deepEqual(field(problem, 'status'), status);
      assert.match(textField(problem, 'detail'), /^[A-Z].{15,}\.$/);
    }
  });

  test('with a form of many parts, a huge header or an endless preamble is refused', async (t) => {
    const { author } = await makeTarget(t, await migrated(t));
    const part = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n';
    const forms = {
      'many parts': `${part.repeat(20_000)}--x--\r\n`,
      'a huge header': `--x\r\nContent-Disposition: form-data; name="${'a'.repeat(200_000)}"\r\n\r\n1\r\n--x--\r\n`,
      'many headers': `--x\r\n${'A: b\r\n'.repeat(50_000)}\r\n1\r\n--x--\r\n`,
      'a preamble': `${'a'.repeat(1_000_000)}\r\n--x--\r\n`,
      'parts in parts': `--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n1\r\n--y--\r\n--x--\r\n`,
    };
    for (const [what, body] of Object.entries(forms)) {
      const reply = await author.send('POST', UPLOAD, {
        body,
        headers: { 'content-type': 'multipart/form-data; boundary=x' },
      });
      assert.ok([400, 413].includes(reply.status), `${what}: ${reply.status} ${reply.text}`);
    }
  });
});

async function makeTarget(
  t: TestContext,
  db: Database,
): Promise<{ api: ApiServer; author: Browser }> {
  const api = await startApi(t, db);
  const author = await signInAs(api, 'author');
  await author.send('POST', '/api/handlers', { json: { name: 'target' } });
  return { api, author };
}

/** Returns the response up to the end of the connection. */
async function speak(api: ApiServer, bytes: string): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port: api.port });
  socket.on('error', () => undefined);
  socket.write(bytes);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

interface BegunUpload {
  readonly request: ClientRequest;
  readonly answer: Promise<IncomingMessage>;
}

/** Sends the head of an upload without its body. */
function beginUpload(t: TestContext, api: ApiServer, author: Browser, bytes: number): BegunUpload {
  const cookie = [...author.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const request = httpRequest({
    host: '127.0.0.1',
    port: api.port,
    path: UPLOAD,
    method: 'POST',
    headers: {
      cookie,
      host: new URL(api.origin).host,
      origin: api.origin,
      'content-type': 'application/wasm',
      'content-length': bytes,
      expect: '100-continue',
    },
  });
  atEnd(t, () => request.destroy());
  request.on('error', () => undefined);
  request.flushHeaders();
  const answer = once(request, 'response').then(([response]: IncomingMessage[]) => {
    assert.ok(response);
    return response;
  });
  // Abandoned uploads get no response.
  answer.catch(() => undefined);
  return { request, answer };
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i += 1) {
    if (await isSo()) return;
  }
  assert.fail('the condition did not become true in time');
}
