import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import type { CallRequest } from '../../http/exchange.ts';
import { digestRequest, readKey } from './idempotency.ts';

function requestOf(fields: readonly (readonly [string, string])[], url = '/run/x/'): CallRequest {
  return {
    method: 'POST',
    url,
    headers: Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value])),
    rawHeaders: fields.flat(),
    socket: new Socket(),
    async *iterator() {},
  };
}

const KEY = ['Idempotency-Key', 'k'] as const;
const keyOf = (...fields: (readonly [string, string])[]): string | null =>
  readKey(requestOf([KEY, ...fields]));
const digestOf = (...fields: (readonly [string, string])[]): string =>
  digestRequest(requestOf([KEY, ...fields]), Buffer.from('body')).toString('hex');

test('a guessed key of somebody else does not identify their call', () => {
  const keys = [
    keyOf(),
    keyOf(['Authorization', 'Bearer a']),
    keyOf(['Authorization', 'Bearer b']),
    keyOf(['Cookie', 'a=1']),
    keyOf(['Cookie', 'Bearer a']),
  ];
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(keyOf(['authorization', 'Bearer a'], ['X-A', '1']), keys[1]);
  assert.doesNotMatch(keys.join(), /Bearer/);
});

test('a different request with the same key is distinguished from a repetition of the first', () => {
  const first = digestOf(['Accept', 'text/plain'], ['X-A', '1']);
  assert.notEqual(digestOf(['Accept', 'text/html'], ['X-A', '1']), first);
  assert.notEqual(digestOf(['Accept', 'text/plain'], ['X-A', '1'], ['X-B', '']), first);
  assert.notEqual(digestOf(['Accept', 'text/plain']), first);
  assert.notEqual(digestOf(['X-A', '2'], ['X-A', '1']), digestOf(['X-A', '1'], ['X-A', '2']));
  const callback = (url: string) => digestOf(['X-Callback-Url', url]);
  assert.notEqual(callback('https://a.example/'), callback('https://b.example/'));
  const at = (url: string) => digestRequest(requestOf([KEY], url), Buffer.of()).toString('hex');
  assert.notEqual(at('/run/x/a'), at('/run/x/b'));
});

test('the same request over another connection or proxy is the same call', () => {
  const first = digestOf(['Accept', 'text/plain'], ['X-A', '1']);
  assert.equal(digestOf(['x-a', '1'], ['ACCEPT', 'text/plain']), first);
  const carried = [
    ['Connection', 'close'],
    ['Transfer-Encoding', 'chunked'],
    ['Via', '1.1 proxy'],
    ['X-Forwarded-For', '192.0.2.1'],
    ['Traceparent', '00-1-2-01'],
    ['X-Request-Id', '7'],
  ] as const;
  assert.equal(digestOf(...carried, ['Accept', 'text/plain'], ['X-A', '1']), first);
});
