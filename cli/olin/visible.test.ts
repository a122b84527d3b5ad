import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { makeUntrustedWriter } from '../terminal/output.ts';
import { makeVisible, makeWriter } from './visible.ts';

test('a guest cannot move the cursor, ring the bell or rename the window', () => {
  assert.equal(makeVisible('\u001b]0;owned\u0007'), '^[]0;owned^G');
  assert.equal(makeVisible('\u009b2J'), '\\u009b2J');
  assert.equal(makeVisible('a\rb'), 'a^Mb');
  assert.equal(makeVisible('a\u202eb'), 'a\\u202eb');
});

test('lines and tabs stay as they are', () => {
  assert.equal(makeVisible('a\tb\r\nc\nd'), 'a\tb\r\nc\nd');
  assert.equal(makeVisible('naïve — 漢字 🦊'), 'naïve — 漢字 🦊');
});

test('with --raw a guest colours its output, and without it the same bytes are made visible', async () => {
  for (const make of [makeWriter, makeUntrustedWriter]) {
    for (const [isRaw, shown] of [
      [true, '\u001b[31mred'],
      [false, '^[[31mred'],
    ] as const) {
      const stream = Object.assign(new PassThrough(), { isTTY: true });
      await make(stream, isRaw)(Buffer.from('\u001b[31mred'));
      assert.equal(String(stream.read()), shown);
    }
  }
});
