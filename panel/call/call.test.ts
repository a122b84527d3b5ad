import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hexDump, viewBody } from './body-view.ts';
import { urlWithin } from './call.ts';
import { readHeaderLines } from './header-lines.ts';

const HANDLER = 'http://127.0.0.1:4001/run/hello/';
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test('a path is below the handler, and a fragment is not sent', () => {
  assert.equal(urlWithin(HANDLER, '/a/b?c=d e#f'), `${HANDLER}a/b?c=d%20e`);
  assert.equal(urlWithin(HANDLER, ''), HANDLER);
  assert.equal(urlWithin(HANDLER, '//evil.example/x'), `${HANDLER}evil.example/x`);
  assert.equal(urlWithin(HANDLER, '/x/../y'), `${HANDLER}y`);
});

for (const path of ['/../other/', '/%2e%2e/other/', '/a/../../other', '..\\other\\']) {
  test(`a token is not sent to another handler by ${path}`, () => {
    assert.equal(urlWithin(HANDLER, path), undefined);
  });
}

test('headers are parsed line by line, and an invalid one is reported', () => {
  assert.deepEqual(readHeaderLines('X-A: 1\r\n\nx-b:\n X-C :a:b ').headers, [
    ['X-A', '1'],
    ['x-b', ''],
    ['X-C', 'a:b'],
  ]);
  assert.match(readHeaderLines('X-A: 1\nno').problem ?? '', /^Line 2 has no colon/);
  assert.match(readHeaderLines('X A: 1').problem ?? '', /^Line 1 has a name/);
  assert.match(readHeaderLines('X-A: 🐑').problem ?? '', /^Line 1 has a character/);
});

test('a text body is shown as text, and JSON is indented', () => {
  assert.deepEqual(viewBody(bytesOf('héllo\n'), 'text/plain', false), {
    kind: 'text',
    text: 'héllo\n',
  });
  assert.equal(
    viewBody(bytesOf('{"a":[1]}'), 'application/problem+json', false).text,
    '{\n  "a": [\n    1\n  ]\n}',
  );
  assert.equal(viewBody(bytesOf('{"a":'), 'application/json', false).text, '{"a":');
  assert.equal(viewBody(new Uint8Array(), 'text/plain', false).kind, 'empty');
});

test('binary bodies are recognised, and text may end in the middle of a character', () => {
  assert.equal(viewBody(Uint8Array.of(0xff, 0xfe), 'text/plain', false).kind, 'bytes');
  assert.equal(viewBody(bytesOf('a\0b'), 'text/plain', false).kind, 'bytes');
  assert.equal(viewBody(bytesOf('aé').subarray(0, 2), 'text/plain', true).text, 'a');
  assert.equal(
    hexDump(bytesOf('Hello, world! 123\u0007')),
    [
      '00000000  48 65 6c 6c 6f 2c 20 77  6f 72 6c 64 21 20 31 32 |Hello, world! 12|',
      '00000010  33 07                                            |3·|',
    ].join('\n'),
  );
});
