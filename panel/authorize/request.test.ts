import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callbackUrl, readRequest } from './request.ts';

const GOOD = {
  port: '43110',
  state: 'a1-b2_c3',
  challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  name: 'ana’s laptop',
};

test('the URL that the CLI opens is parsed', () => {
  const read = { ...GOOD, port: 43_110, asksAdmin: false };
  assert.deepEqual(readRequest(GOOD), read);
  assert.deepEqual(readRequest({ ...GOOD, admin: 'yes' }), { ...read, asksAdmin: true });
});

test('a code is sent only to this machine, whatever the URL contains', () => {
  const bad: readonly Readonly<Record<string, string>>[] = [
    { port: '80' },
    { port: '1023' },
    { port: '65536' },
    { port: '04311' },
    { port: '4311@evil.example' },
    { port: '4311/evil' },
    { port: '' },
    { state: '' },
    { state: 'a&code=b' },
    { state: 'x'.repeat(201) },
    { challenge: 'short' },
    { challenge: `${GOOD.challenge}=` },
    { name: '' },
    { name: 'two\nlines' },
    { name: 'x'.repeat(101) },
    { admin: 'maybe' },
  ];
  for (const change of bad) {
    assert.equal(readRequest({ ...GOOD, ...change }), undefined, JSON.stringify(change));
  }
  const { hostname, searchParams } = new URL(
    callbackUrl({ ...GOOD, port: 43_110, asksAdmin: false }, { code: 'c&d=e' }),
  );
  assert.equal(hostname, '127.0.0.1');
  assert.deepEqual(
    [...searchParams],
    [
      ['code', 'c&d=e'],
      ['state', GOOD.state],
    ],
  );
});
