import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSnippets } from './snippets.ts';

const PAGE = [
  'Text.',
  '```sh no-run',
  'npm start',
  '```',
  '```ts title="a b.as" wrap',
  'x',
  '',
  'y',
  '```',
];

test('a fence is parsed into page, line, language, flags, title and exact text', () => {
  assert.deepEqual(parseSnippets('a.mdx', PAGE.join('\n')), [
    { page: 'a.mdx', line: 3, lang: 'sh', flags: ['no-run'], title: '', text: 'npm start\n' },
    { page: 'a.mdx', line: 6, lang: 'ts', flags: ['wrap'], title: 'a b.as', text: 'x\n\ny\n' },
  ]);
});

test('an unclosed fence is an error, because it would hide the snippets after it', () => {
  assert.throws(
    () => parseSnippets('a.mdx', '```sh\nnpm start\n'),
    /a\.mdx:2: a fence is not closed/,
  );
});
