import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quoteWord, toOperand } from './shell-word.ts';

test('a printed command can be pasted, whatever the name of the folder', () => {
  assert.equal(quoteWord('plain/dir-1'), 'plain/dir-1');
  assert.equal(quoteWord('sub dir'), "'sub dir'");
  assert.equal(quoteWord("it's $HOME"), "'it'\\''s $HOME'");
  assert.equal(quoteWord(toOperand('-x')), './-x');
});
