import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { PlainRequest } from './plain-request.ts';

const socket = new Socket();
const read = (text: string): PlainRequest | undefined =>
  PlainRequest.read(Buffer.from(text, 'latin1'), socket);

const plain = 'GET /run/hello/?x=1 HTTP/1.1\r\nHost: 127.0.0.1:4001\r\nAccept: */*\r\n\r\n';

/** Parses the bytes with Node. Returns undefined if Node rejects them, or if they are not exactly one request. */
async function readByNode(text: string): Promise<IncomingMessage | undefined> {
  const server = createServer({ requireHostHeader: true });
  const seen: IncomingMessage[] = [];
  server.on('request', (request, response) => {
    seen.push(request);
    request.resume();
    response.end();
  });
  server.on('upgrade', (_request, other) => other.destroy());
  let failed = false;
  server.on('clientError', () => (failed = true));
  const [client, side] = duplexPair();
  server.emit('connection', side);
  client.resume();
  client.end(Buffer.from(text, 'latin1'));
  await once(client, 'end');
  return failed || seen.length !== 1 ? undefined : seen[0];
}

test('a plain request is parsed as it was written', () => {
  const request = read(
    'HEAD /a%20b?c=d%26 HTTP/1.1\r\nHOST:x\r\nX-Empty:\r\nX-Tab:\t a\tb \xe9 \r\n\r\n',
  );
  assert.ok(request);
  assert.equal(request.method, 'HEAD');
  assert.equal(request.url, '/a%20b?c=d%26');
  assert.deepEqual(request.rawHeaders, ['HOST', 'x', 'X-Empty', '', 'X-Tab', 'a\tb \xe9']);
  assert.equal(request.headers['x-tab'], 'a\tb \xe9');
});

test('a name of an object’s property is an ordinary header', () => {
  const request = read('GET / HTTP/1.1\r\nHost: x\r\n__proto__: a\r\nconstructor: b\r\n\r\n');
  assert.equal(request?.headers['__proto__'], 'a');
  assert.equal(request?.headers['constructor'], 'b');
  assert.equal(request?.headers['toString'], undefined);
});

for (const [what, text] of Object.entries({
  'another method': plain.replace('GET', 'POST'),
  'a method in lower case': plain.replace('GET', 'get'),
  'an older version': plain.replace('1.1', '1.0'),
  'an absolute URL as the target': plain.replace('/run', 'http://localhost/run'),
  'a fragment in the target': plain.replace('?x=1', '#x'),
  'a space in the target': plain.replace('?x', ' x'),
  'a byte that is not ASCII in the target': plain.replace('?x', '\xe9'),
  'no Host': plain.replace('Host', 'Hose'),
  'Host twice': plain.replace('Accept: */*', 'Host: localhost'),
  'a header twice': plain.replace('\r\n\r\n', '\r\nAccept: a\r\n\r\n'),
  'a length': plain.replace('\r\n\r\n', '\r\nContent-Length: 0\r\n\r\n'),
  'a coding': plain.replace('\r\n\r\n', '\r\nTransfer-Encoding: chunked\r\n\r\n'),
  'Connection: close': plain.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'),
  'an upgrade to another protocol': plain.replace('\r\n\r\n', '\r\nUpgrade: h2c\r\n\r\n'),
  'Expect: 100-continue': plain.replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n'),
  'a bare line feed': plain.replace('\r\nAccept', '\nAccept'),
  'a bare carriage return': plain.replace('*/*', '*\r*'),
  'a NUL in a value': plain.replace('*/*', 'a\0b'),
  'a folded line': plain.replace('*/*', 'a\r\n b'),
  'a space before the colon': plain.replace('Accept:', 'Accept :'),
  'a space before a name': plain.replace('Accept:', ' Accept:'),
  'a line without a colon': plain.replace('Accept:', 'Accept'),
  'an empty line first': `\r\n${plain}`,
  'half a head': plain.slice(0, -2),
  'a body': `${plain}x`,
  'two requests': plain + plain,
  'a long head': plain.replace('*/*', 'a'.repeat(9000)),
})) {
  test(`Node parses a request with ${what}`, () => assert.equal(read(text), undefined));
}

test('Node parses the same from any request that the fast path parses', async () => {
  const pieces = ['\r\n', '\n', '\r', ' ', '\t', ':', '\0', '\xa0', '\x7f', '/', '?', '"', '{'];
  const lines = ['Host: b', 'A: 1', 'Connection: keep-alive', 'Content-Length: 1', 'Cookie: a=b'];
  // A seeded generator, so that a failure can be repeated.
  let state = 42;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return state % below;
  };
  let accepted = 0;
  for (let round = 0; round < 3000; round++) {
    let text = plain;
    for (let edits = random(3); edits >= 0; edits--) {
      const at = random(text.length);
      const put =
        random(2) === 0 ? pieces[random(pieces.length)] : `\r\n${lines[random(lines.length)]}`;
      text = text.slice(0, at) + put + text.slice(at + random(2));
    }
    const own = read(text);
    if (own === undefined) continue;
    accepted += 1;
    const node = await readByNode(text);
    assert.ok(node, `Node refuses ${JSON.stringify(text)}`);
    const { method, url, rawHeaders } = node;
    assert.deepEqual(
      { method, url, rawHeaders },
      { method: own.method, url: own.url, rawHeaders: own.rawHeaders },
    );
    assert.deepEqual({ ...node.headers }, { ...own.headers });
  }
  assert.ok(accepted > 200, `only ${accepted} were parsed`);
});
