import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKeyValueLines } from './lines.ts';

function read(text: string): Record<string, string> {
  const { values, problems } = readKeyValueLines(text);
  assert.deepEqual(problems, []);
  return Object.fromEntries(values);
}

test('a pasted .env file becomes its keys and values', () => {
  assert.deepEqual(
    read(
      [
        '\uFEFF# The service.',
        'API_URL=https://example.com/?a=b#c',
        'export TOKEN = abc   # from the mail',
        '',
        'QUOTED="two\\nlines, a \\"word\\", C:\\\\x, \\d"  # so',
        "RAW='a \\n b # c'",
        'TICKS=`it\'s "so"`',
        'EMPTY=',
        'TOKEN=def',
      ].join('\r\n'),
    ),
    {
      API_URL: 'https://example.com/?a=b#c',
      TOKEN: 'def',
      QUOTED: 'two\nlines, a "word", C:\\x, \\d',
      RAW: 'a \\n b # c',
      TICKS: 'it\'s "so"',
      EMPTY: '',
    },
  );
});

test('a key in PEM, over several lines in quotes, stays whole', () => {
  const pem = '-----BEGIN KEY-----\nabc=\n-----END KEY-----\n';
  assert.deepEqual(read(`A=1\nPEM="${pem}"\nB=2`), { A: '1', PEM: pem, B: '2' });
});

for (const [what, text, line, says] of [
  ['a line without =', 'A=1\nsecret', 2, /no "="/],
  ['a key with a dash', 'my-key=1', 1, /letters, digits and underscores/],
  ['an open quote', 'A=1\nB="x\nC=3', 2, /no closing "/],
  ['text after a quote', 'A="x"y', 1, /follows the closing " of A/],
] as const) {
  test(`${what} is told with its line, without what stands there`, () => {
    const { problems } = readKeyValueLines(text);
    assert.equal(problems.length, 1);
    assert.equal(problems[0]?.line, line);
    assert.match(problems[0]?.message ?? '', says);
    assert.doesNotMatch(problems[0]?.message ?? '', /secret/);
  });
}
