import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeVisible } from './visible.ts';

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
