import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InputError } from '../errors.ts';
import { decide, parsePolicy, POLICY_BOUNDS } from './policy.ts';

function refusal(text: string): InputError {
  try {
    parsePolicy(text);
  } catch (error) {
    assert.ok(error instanceof InputError, `not an InputError: ${String(error)}`);
    assert.equal(error.code, 'bad-policy');
    return error;
  }
  assert.fail(`accepted: ${text.slice(0, 80)}`);
}

describe('the error for an invalid policy file has the position and says what to do', () => {
  const cases: readonly [what: string, text: string, line: number, column: number, says: RegExp][] =
    [
      ['an unknown directive', 'gas-limit 1\n  alow (\n)', 2, 3, /"alow".*Did you mean "allow"\?/],
      ['a name of Object.prototype', 'constructor 1', 1, 1, /"constructor" is not a directive/],
      ['an unclosed list', '\ndisallow (\n  .*\n', 2, 1, /"disallow" list is not closed.*Put "\)"/],
      ['a close without a list', ')', 1, 1, /does not open or close a list/],
      ['a list without a name', '(\n.*\n)', 1, 1, /does not open or close a list/],
      ['a missing class end', 'allow (\n  ^https://[a\n)', 2, 12, /missing closing \].*"\[a"/],
      ['a repeat of nothing', 'allow ^(*a)', 1, 9, /missing argument to repetition operator/],
      ['a lookahead', 'allow a(?=b)', 1, 8, /invalid or unsupported Perl syntax/],
      ['a back reference', String.raw`allow (a)\1`, 1, 10, /invalid escape sequence/],
      ['nested counts', 'allow (a{10}){101}', 1, 14, /invalid repeat count/],
      ['a faulty text that occurs twice', 'allow (a{100}){100}', 1, 7, /invalid repeat count/],
      ['two expressions on one line', 'allow (\n  a b\n)', 2, 4, /a line of its own.*\\x20/],
      ['a list on one line', 'allow ( https://x )', 1, 8, /put "\)" on a line of its own/],
      ['allow of nothing', 'allow', 1, 1, /has no expressions/],
      ['one hash', '# comment', 1, 1, /two hashes/],
      ['a limit without a number', 'gas-limit', 1, 1, /needs a number/],
      ['a fraction', 'ram-page-limit 1.5', 1, 16, /not a whole number/],
      ['a sign', 'gas-limit -1', 1, 11, /not a whole number/],
      ['zero', 'gas-limit 0', 1, 11, /out of range.*from 1 to/],
      ['more pages than the maximum', 'ram-page-limit 65537', 1, 16, /from 1 to 65536/],
      ['more gas than the maximum', 'gas-limit 9007199254740992', 1, 11, /out of range/],
      ['a limit set twice', 'gas-limit 1\n\ngas-limit 2', 3, 1, /set twice/],
      ['a long expression', `allow ${'a'.repeat(513)}`, 1, 7, /513 characters; the limit is 512/],
      ['many expressions', 'allow a\n'.repeat(257), 257, 7, /at most 256 expressions/],
      ['a large program', 'allow x{1000}\n'.repeat(3), 3, 7, /too large/],
      [
        'a program that is large before RE2 merges its parts',
        'allow (?:a|b){9000}',
        1,
        7,
        /too large/,
      ],
      ['classes of Unicode', String.raw`allow \pL{300}`, 1, 7, /too large/],
      ['a large file', '#'.repeat(POLICY_BOUNDS.textLength + 1), 1, 1, /the limit is 65536/],
      ['deep nesting', `allow ${'('.repeat(256)}${')'.repeat(255)}`, 1, 7, /missing closing \)/],
    ];
  for (const [what, text, line, column, says] of cases) {
    it(what, () => {
      const error = refusal(text);
      assert.match(error.message, says);
      assert.deepEqual([error.line, error.column], [line, column]);
      assert.ok(error.message.startsWith(`Line ${line}, column ${column}: `));
      assert.match(error.message, /[.?]$/);
    });
  }

  it('a cloned policy with modified expressions', () => {
    const forged = { ...parsePolicy('allow a'), allow: [{ expression: 'a(', line: 1 }] };
    assert.throws(() => decide(forged, 'a'), InputError);
  });
});
