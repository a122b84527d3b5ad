import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { describeEnvProblem, parseEnvFile } from './env-file.ts';

function read(text: string): Record<string, string> {
  const { values, problems } = parseEnvFile(text);
  assert.deepEqual(problems, []);
  return Object.fromEntries(values);
}

test('a .env file is parsed into keys and values', () => {
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
        '  EMPTY_TOO=  # nothing',
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
      EMPTY_TOO: '',
    },
  );
});

test('no secret is cut at a #, an escaped quote, or a quote written as in a shell', () => {
  assert.deepEqual(
    read(`PASSWORD=pa#ss\nHASH=#1\nJSON="{\\"k\\":1}"\nIT='it'\\''s'\nLATE=it's\nPATH_=C:\\new`),
    {
      PASSWORD: 'pa#ss',
      HASH: '#1',
      JSON: '{"k":1}',
      IT: "it's",
      LATE: "it's",
      PATH_: 'C:\\new',
    },
  );
});

test('a quoted PEM key of several lines is kept completely', () => {
  const pem = '-----BEGIN KEY-----\nabc=\n-----END KEY-----\n';
  assert.deepEqual(read(`A=1\nPEM="${pem}"\nB=2`), { A: '1', PEM: pem, B: '2' });
  assert.deepEqual(read(`PEM='${pem}'`), { PEM: pem });
});

for (const [what, text, at, says] of [
  ['a line without =', 'A=1\n  secret', '2:3', /no "="/],
  ['a key with a dash', ' my-key=1', '1:2', /letters, digits and underscores/],
  ['an open quote', 'A=1\nB="x\nC=3', '2:3', /B has no closing "/],
  ['an unclosed second part', "A='x'\\''y", '1:8', /A has no closing '/],
  ['text after a quote', 'A="x" y', '1:7', /more after the closing quote of A/],
  ['a # that touches a quote', 'A="x"#y', '1:6', /more after the closing quote of A/],
  ['a PEM block without quotes', 'K=-----BEGIN KEY-----\nc2VjcmV0=', '1:3', /PEM block/],
  ['a NUL', 'A=1\0', '1:1', /NUL/],
] as const) {
  test(`${what} is rejected with line and column, without quoting the file`, () => {
    const [problem] = parseEnvFile(text).problems;
    assert.ok(problem);
    assert.equal(`${problem.line}:${problem.column}`, at);
    assert.match(problem.message, says);
    assert.doesNotMatch(describeEnvProblem(problem), /secret|c2Vj/);
  });
}

test('one error does not hide the next', () => {
  const { problems } = parseEnvFile('one\nA=1\ntwo\n');
  assert.deepEqual(
    problems.map(({ line }) => line),
    [1, 3],
  );
});

test('the example file in the documentation parses as the page says', () => {
  const page = new URL('../docs-site/src/content/docs/command/env-files.mdx', import.meta.url);
  const [, file = ''] = /```ini title=".env"\n([^]*?)```/.exec(readFileSync(page, 'utf8')) ?? [];
  const values = read(file);
  assert.equal(values['PASSWORD'], 'pa#ss');
  assert.equal(values['GREETING'], 'Hello,\n"world"');
  assert.equal(values['RAW'], 'a \\n stays as it is');
  assert.equal(values['IT'], "it's");
  assert.match(values['KEY'] ?? '', /^-----BEGIN[^]*-----END PRIVATE KEY-----\n$/);
  assert.equal(values['EMPTY'], '');
});
