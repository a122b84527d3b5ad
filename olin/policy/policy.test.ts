import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RE2JS } from 're2js';
import { InputError } from '../errors.ts';
import { explainPolicy } from './explain.ts';
import {
  decide,
  DEFAULT_POLICY,
  matchingSteps,
  parsePolicy,
  POLICY_BOUNDS,
  type Policy,
} from './policy.ts';

/** The first example of Olin's docs/policy.md, its comments shortened. */
const DOCUMENTED = `
## This is a comment. All comments require two hashes.
allow (
  https://mycoolsite.com
  https://discordapp.com/api/webhooks
  random://
  zero://
)

## explicitly disallowed
disallow (
  https://mycoolsite.com/admin
)

ram-page-limit 64
gas-limit 1048576
`;

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

describe('a policy file', () => {
  const policy = parsePolicy(DOCUMENTED);

  it('sets its limits', () => {
    assert.equal(policy.ramPageLimit, 64);
    assert.equal(policy.gasLimit, 1_048_576);
  });

  it('has the documented defaults', () => {
    const { ramPageLimit, gasLimit, allow } = parsePolicy('## nothing');
    assert.deepEqual(
      { ramPageLimit, gasLimit, allow },
      { ramPageLimit: 128, gasLimit: 33_554_432, allow: null },
    );
    assert.deepEqual(decide(DEFAULT_POLICY, 'https://anything'), {
      allowed: true,
      rule: undefined,
    });
  });

  it('allows what the allow list matches, anywhere in the URL', () => {
    assert.deepEqual(decide(policy, 'https://mycoolsite.com/page'), {
      allowed: true,
      rule: { expression: 'https://mycoolsite.com', line: 4 },
    });
    assert.deepEqual(decide(policy, 'log://?to=random://'), {
      allowed: true,
      rule: { expression: 'random://', line: 6 },
    });
  });

  it('denies what the allow list does not match', () => {
    const decision = decide(policy, 'https://example.com/');
    assert.equal(decision.allowed, false);
    assert.match(decision.by, /allow list/);
  });

  it('gives disallow precedence, and reports the rule and its line', () => {
    assert.deepEqual(decide(policy, 'https://mycoolsite.com/admin/users'), {
      allowed: false,
      rule: { expression: 'https://mycoolsite.com/admin', line: 12 },
      by: 'disallow https://mycoolsite.com/admin (line 12)',
    });
  });

  it('reports the first of several rules that deny a URL', () => {
    const both = parsePolicy('disallow (\n  ^file://\n  .*\n)');
    assert.deepEqual(decide(both, 'file:///etc/passwd'), {
      allowed: false,
      rule: { expression: '^file://', line: 2 },
      by: 'disallow ^file:// (line 2)',
    });
  });

  it('without an allow list allows every URL that is not disallowed', () => {
    const only = parsePolicy('disallow ^file://');
    assert.equal(decide(only, 'https://example.com').allowed, true);
    assert.equal(decide(only, 'file://x').allowed, false);
  });

  it('with an empty allow list denies every URL', () => {
    assert.equal(decide(parsePolicy('allow (\n)'), 'null://').allowed, false);
  });

  it('merges lists of the same name, and accepts one expression without parentheses', () => {
    const joined = parsePolicy('allow ^https://a\nallow (\n  ^https://b\n)\nallow (?:c|d)$');
    for (const url of ['https://a/', 'https://b/', 'https://x/c', 'https://x/d']) {
      assert.equal(decide(joined, url).allowed, true, url);
    }
    assert.equal(decide(joined, 'https://x/e').allowed, false);
  });

  it('reads CRLF, a byte order mark and comments after a statement', () => {
    const same = parsePolicy(
      '\uFEFFallow ( ## who\r\n  ^https://a##b ## why\r\n) ## done\r\ngas-limit 5 ## few\r\n',
    );
    assert.deepEqual(same.allow, [{ expression: '^https://a##b', line: 2 }]);
    assert.equal(same.gasLimit, 5);
  });

  it('explains how a run would decide about a URL, and by which line', () => {
    const strict = parsePolicy(
      'allow (\n  ^https://a\\.example/\n)\ndisallow ^https://a\\.example/admin',
    );
    const answers = [
      ['https://a.example/x', true, 2, /^Allowed by allow \^https.* \(line 2\)\.$/],
      ['HTTPS://a.example/x', true, 2, /line 2/],
      ['https://a.example/admin', false, 4, /^Refused by disallow .* \(line 4\)\.$/],
      ['https://a.example/x/../admin', false, 4, /what is sent is https:\/\/a\.example\/admin$/],
      // As it is opened, it lacks the slash that the list asks for.
      ['https://a.example', false, undefined, /^Refused by the allow list/],
      ['random://', false, undefined, /allow list/],
    ] as const;
    for (const [url, allowed, line, why] of answers) {
      const explained = explainPolicy(strict, url);
      assert.deepEqual([explained.allowed, explained.rule?.line], [allowed, line], url);
      assert.match(explained.why, why);
    }
    assert.match(explainPolicy(DEFAULT_POLICY, 'https://b').why, /no allow list/);
    assert.match(explainPolicy(DEFAULT_POLICY, 'gopher://b').why, /none of http:\/\/, https:\/\//);
    assert.equal(explainPolicy(DEFAULT_POLICY, 'gopher://b').allowed, false);
  });

  it('can be cloned into a worker', () => {
    const copy = structuredClone(policy);
    assert.deepEqual(copy, policy);
    assert.equal(decide(copy, 'https://mycoolsite.com/admin').allowed, false);
    assert.equal(decide(copy, 'https://mycoolsite.com/').allowed, true);
  });

  it('is immutable', () => {
    assert.throws(() => Object.assign(policy, { gasLimit: 1 }), TypeError);
    assert.throws(() => Object.assign(policy.disallow[0] ?? {}, { expression: 'x' }), TypeError);
  });

  it('matches as RE2 does, in time linear in the URL', () => {
    const evil = parsePolicy('disallow ^(a+)+$');
    assert.equal(decide(evil, `${'a'.repeat(4000)}b`).allowed, true);
  });

  it('denies a URL that is too long to match', () => {
    const decision = decide(DEFAULT_POLICY, `https://${'a'.repeat(9000)}`);
    assert.equal(decision.allowed, false);
    assert.match(decision.by, /8192 characters/);
  });

  it('denies a URL that would take too long to match, without matching it', () => {
    const large = parsePolicy('allow x.{900}y');
    const url = (length: number): string => `https://${'xab'.repeat(length / 3)}`;
    const refusedBy = (length: number): string => {
      const decision = decide(large, url(length));
      return decision.allowed ? 'allowed' : decision.by;
    };
    assert.match(refusedBy(600), /the allow list/);
    assert.match(refusedBy(3000), /1159 characters.*904 RE2 instructions/);
    assert.equal(matchingSteps(large, url(600)), 608 * 904);
    assert.equal(matchingSteps(large, url(3000)), 0);
  });
});

describe('the error for an invalid policy file says where it is wrong and what to do', () => {
  const cases: readonly [what: string, text: string, line: number, column: number, says: RegExp][] =
    [
      ['an unknown directive', 'gas-limit 1\n  alow (\n)', 2, 3, /"alow".*Did you mean "allow"\?/],
      ['a name of Object.prototype', 'constructor 1', 1, 1, /"constructor" is no directive/],
      ['an unclosed list', '\ndisallow (\n  .*\n', 2, 1, /"disallow" list is not closed.*Put "\)"/],
      ['a close without a list', ')', 1, 1, /closes or opens no list/],
      ['a list without a name', '(\n.*\n)', 1, 1, /closes or opens no list/],
      ['a missing class end', 'allow (\n  ^https://[a\n)', 2, 12, /missing closing \].*"\[a"/],
      ['a repeat of nothing', 'allow ^(*a)', 1, 9, /missing argument to repetition operator/],
      ['a lookahead', 'allow a(?=b)', 1, 8, /invalid or unsupported Perl syntax/],
      ['a back reference', String.raw`allow (a)\1`, 1, 10, /invalid escape sequence/],
      ['nested counts', 'allow (a{10}){101}', 1, 14, /invalid repeat count/],
      [
        'a mistake whose text is there twice',
        'allow (a{1000}){1000}',
        1,
        7,
        /invalid repeat count/,
      ],
      ['two expressions on a line', 'allow (\n  a b\n)', 2, 4, /a line of its own.*\\x20/],
      ['a list on one line', 'allow ( https://x )', 1, 8, /put "\)" on a line of its own/],
      ['allow of nothing', 'allow', 1, 1, /says nothing/],
      ['one hash', '# comment', 1, 1, /two hashes/],
      ['a limit without a number', 'gas-limit', 1, 1, /no number/],
      ['a fraction', 'ram-page-limit 1.5', 1, 16, /not a whole number/],
      ['a sign', 'gas-limit -1', 1, 11, /not a whole number/],
      ['zero', 'gas-limit 0', 1, 11, /out of range.*from 1 to/],
      ['more pages than there can be', 'ram-page-limit 65537', 1, 16, /from 1 to 65536/],
      ['more gas than can be counted', 'gas-limit 9007199254740992', 1, 11, /out of range/],
      ['a limit set twice', 'gas-limit 1\n\ngas-limit 2', 3, 1, /set twice/],
      ['a long expression', `allow ${'a'.repeat(513)}`, 1, 7, /513 characters; the bound is 512/],
      ['many expressions', 'allow a\n'.repeat(257), 257, 7, /at most 256 expressions/],
      ['a large program', String.raw`allow \pL{1000}`.concat('\n').repeat(3), 3, 7, /too large/],
      ['a large file', '#'.repeat(POLICY_BOUNDS.textLength + 1), 1, 1, /the bound is 65536/],
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

/** Numbers under `below`, the same on each run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const FRAGMENTS =
  'allow|disallow| (|)|\n|\r\n| |## x|#|ram-page-limit |gas-limit |9|^https://|[|]|*|+?|{2,3}|{|(?i)|(?:|\\|\\pL|\\b|$|.|\0|é|💥'
    .split('|')
    .concat('|');
const URLS = ['', 'https://example.com/', 'https://9', 'null://', 'é💥', '\0', '\ud800'] as const;

describe('any text', () => {
  it('gives a policy that decides like RE2, or an InputError with a position', () => {
    const random = seeded(2_718);
    const seen = { good: 0, bad: 0 };
    for (let round = 0; round < 3000; round++) {
      let text = random(2) === 0 ? 'disallow (\n' : 'allow ';
      for (let count = random(8); count > 0; count--) {
        text += FRAGMENTS[random(FRAGMENTS.length)] ?? '';
      }
      if (text.startsWith('disallow')) text += '\n)';
      let policy: Policy;
      try {
        policy = parsePolicy(text);
      } catch (error) {
        assert.ok(error instanceof InputError, `${JSON.stringify(text)}: ${String(error)}`);
        assert.ok((error.line ?? 0) > 0 && (error.column ?? 0) > 0);
        seen.bad += 1;
        continue;
      }
      seen.good += 1;
      for (const url of URLS) {
        const matched = (rules: Policy['disallow']): boolean =>
          rules.some(({ expression }) => RE2JS.compile(expression).matcher(url).find());
        const expected =
          !matched(policy.disallow) && (policy.allow === null || matched(policy.allow));
        assert.equal(
          decide(policy, url).allowed,
          expected,
          `${JSON.stringify(text)} on ${JSON.stringify(url)}`,
        );
      }
    }
    assert.ok(seen.good > 300 && seen.bad > 300, JSON.stringify(seen));
  });
});
