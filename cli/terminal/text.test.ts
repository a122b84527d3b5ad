import assert from 'node:assert/strict';
import { test } from 'node:test';
import { facts, table } from './table.ts';
import { styled, text } from './text.ts';

const EVIL = '\u001b]0;owned\u0007\u001b[31mred\u202e';

test('untrusted text cannot control the terminal, and the CLI’s own styles work', () => {
  const told = text`${styled('bold', 'Name')} ${EVIL} ${styled('red', EVIL)}`;
  assert.equal(told.plain, 'Name ^[]0;owned^G^[[31mred\\u202e ^[]0;owned^G^[[31mred\\u202e');
  assert.equal(told.raw.split('\u001b').length - 1, 4, 'two styles, each started and ended');
});

test('a table is aligned, whatever its cells contain', () => {
  const made = table(
    [{ title: 'NAME' }, { title: 'N', align: 'right' }, { title: 'NOTE' }],
    [
      ['ada', 7, 'two\nlines'],
      [styled('green', 'a longer one'), 1234, EVIL],
    ],
  );
  assert.deepEqual(made.plain.split('\n'), [
    'NAME             N  NOTE',
    'ada              7  two lines',
    'a longer one  1234  ^[]0;owned^G^[[31mred\\u202e',
  ]);
});

test('the last column is cut at the edge of the terminal', () => {
  const made = table([{ title: 'A' }, { title: 'B' }], [['x', 'y'.repeat(100)]], 30);
  assert.equal(made.plain.split('\n')[1], `x  ${'y'.repeat(26)}…`);
});

test('facts are aligned in two columns', () => {
  assert.equal(
    facts([
      ['Name', 'ada'],
      ['Description', 'none'],
    ]).plain,
    'Name         ada\nDescription  none',
  );
});
