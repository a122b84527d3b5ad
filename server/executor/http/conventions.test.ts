import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { prefersAsync } from './conventions.ts';
import type { CallRequest } from './exchange.ts';

const asks = (prefer: string): boolean => {
  const request: CallRequest = {
    headers: { prefer },
    rawHeaders: ['Prefer', prefer],
    socket: new Socket(),
    async *iterator() {},
  };
  return prefersAsync(request);
};

test('a caller can request an asynchronous call in any form of RFC 7240', () => {
  for (const prefer of [
    'respond-async',
    'Respond-Async',
    'wait=10, respond-async',
    ' ,respond-async ; a=b',
    'return="a, b" , respond-async',
    'respond-async="x, y"',
    'a="\\", b", respond-async',
  ]) {
    assert.ok(asks(prefer), prefer);
  }
});

test('a caller who does not request an asynchronous call waits for the response', () => {
  for (const prefer of [
    'return="x, respond-async; y"',
    'return="x, respond-async',
    'a="\\", respond-async, \\""',
    'wait=respond-async',
    'a; respond-async',
    'respond-async-not',
    'respond async',
    '',
  ]) {
    assert.ok(!asks(prefer), prefer);
  }
});
