import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RE2JS } from 're2js';
import { InputError } from '../errors.ts';
import { decide, DEFAULT_POLICY, matchingSteps, parsePolicy, type Policy } from './policy.ts';

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
      { ramPageLimit: 256, gasLimit: 33_554_432, allow: null },
    );
    assert.deepEqual(decide(DEFAULT_POLICY, 'https://anything'), {
      allowed: true,
      rule: undefined,
    });
  });

  it('allows a URL that the allow list matches anywhere', () => {
    assert.deepEqual(decide(policy, 'https://mycoolsite.com/page'), {
      allowed: true,
      rule: { expression: 'https://mycoolsite.com', line: 4 },
    });
    assert.deepEqual(decide(policy, 'log://?to=random://'), {
      allowed: true,
      rule: { expression: 'random://', line: 6 },
    });
  });

  it('denies a URL that the allow list does not match', () => {
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

  it('matches like RE2, in time linear in the URL', () => {
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

/** Returns numbers under `below`, the same on each run. */
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
  it('returns a policy that decides like RE2, or throws an InputError with a position', () => {
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
