import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { addressOf, callHandler, readHeader, readWhole } from './call.ts';

test('a path cannot lead outside the handler', () => {
  const handler = 'https://run.example/run/greeter/';
  assert.equal(addressOf(handler, '/'), handler);
  assert.equal(addressOf(handler, '/a?b=/../c'), `${handler}a?b=/../c`);
  assert.equal(addressOf(handler, '//evil.example/'), `${handler}/evil.example/`);
  for (const path of [
    '',
    'a',
    '@evil.example/',
    '/../other/',
    '/a/../../other',
    '/..',
    '/%2e%2e/other',
    '\\evil',
  ]) {
    assert.throws(() => addressOf(handler, path), /must be a path that begins with a slash/, path);
  }
  assert.throws(() => addressOf('file:///etc/passwd', '/'), /not HTTP/);
});

test('a header must be a name and a value, and an invalid one is not repeated in the error', () => {
  assert.deepEqual(readHeader('X-Mine:  a: b '), ['X-Mine', 'a: b']);
  for (const wrong of ['hunter2', ': hunter2', 'X Y: hunter2', 'X: hunter2\r\nHost: evil']) {
    assert.throws(
      () => readHeader(wrong),
      (error: Error) => !error.message.includes('hunter2'),
    );
  }
});

test('the bill of a streamed response is read at its end, from the server’s entries only', async (t) => {
  const server = createServer((_request, response) => {
    response.writeHead(200, {
      'Trisiel-Execution': 'e1',
      Trailer: 'Trisiel-Gas, Server-Timing',
      // The handler's own entries are not the bill.
      'Server-Timing': 'db;dur=7, run;dur=0',
    });
    response.write('one ');
    response.write('two');
    response.addTrailers({ 'Trisiel-Gas': '42', 'Server-Timing': 'queue;dur=1, run;dur=2.5' });
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  const reply = await callHandler({
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`,
    method: 'GET',
    headers: [],
    body: undefined,
    signal: new AbortController().signal,
  });
  assert.equal(String(await readWhole(reply.body, 100)), 'one two');
  assert.deepEqual(reply.bill(), { executionId: 'e1', gas: 42, runMs: 2.5 });
});
