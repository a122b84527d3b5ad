/**
 * Policy files: which URLs a guest may open, and how much memory and gas it may use.
 * Source: Olin's docs/policy.md. The format, line by line:
 *
 *     ## A comment. It takes two hashes, at the start of a line or after a space.
 *     allow (
 *       ^https://example\.com/
 *       ^random://
 *     )
 *     disallow (
 *       ^https://example\.com/admin
 *     )
 *     disallow ^file://          ## the form for one expression
 *     ram-page-limit 128         ## 64 KiB pages; 256 when absent
 *     gas-limit 33554432         ## WebAssembly instructions; 33554432 when absent
 *
 * An expression is an RE2 regular expression, matched anywhere in the URL: start it with `^` to anchor it.
 * It cannot contain white space (write `\x20`). Lists of the same name are merged. The rules, in order:
 *
 * 1. A URL that a disallow expression matches is denied, whatever the allow list says.
 * 2. With an allow list, a URL that none of its expressions matches is denied. An empty list denies all URLs.
 * 3. Everything else is allowed.
 *
 * Expressions are untrusted, so everything is limited (see {@link POLICY_BOUNDS}) and matching takes time linear in the
 * URL: RE2, never the host's regular expressions.
 */
import { MatcherCache } from './matchers.ts';
import { parseStatements, POLICY_BOUNDS } from './policy-text.ts';

/** One expression of a list, and its line (1-based). */
export interface PolicyRule {
  readonly expression: string;
  readonly line: number;
}

/** A parsed policy: a plain, frozen, structured-cloneable value. `text` is its source. */
export interface Policy {
  readonly text: string;
  /** Null if the file has no allow list: then every URL that is not disallowed is allowed. */
  readonly allow: readonly PolicyRule[] | null;
  readonly disallow: readonly PolicyRule[];
  /** 64 KiB pages, 1 to 65536. */
  readonly ramPageLimit: number;
  /** WebAssembly instructions, 1 to 2^53 - 1. */
  readonly gasLimit: number;
}

/** A decision, with the rule that decided, if any. `by` describes what denied the URL: `disallow ^file:// (line 9)`. */
export type PolicyDecision =
  | { readonly allowed: true; readonly rule: PolicyRule | undefined }
  | { readonly allowed: false; readonly rule: PolicyRule | undefined; readonly by: string };

/** Limits on the contents of a policy, enforced by {@link parsePolicy}. */
export { POLICY_BOUNDS } from './policy-text.ts';

/** The policy that applies if none is given: every URL, 256 pages, 33554432 instructions. */
export const DEFAULT_POLICY: Policy = Object.freeze({
  text: '',
  allow: null,
  disallow: Object.freeze([]),
  ramPageLimit: 256,
  gasLimit: 33_554_432,
});

/**
 * Parses a policy file. Throws an InputError `bad-policy` with line and column (1-based, in UTF-16 units as editors
 * count) whose message says what to do.
 */
export function parsePolicy(text: string): Policy {
  const { allow, disallow, numbers, programSize } = parseStatements(text);
  const policy = Object.freeze({
    text,
    allow: allow === null ? null : Object.freeze(allow),
    disallow: Object.freeze(disallow),
    ramPageLimit: numbers.get('ram-page-limit') ?? DEFAULT_POLICY.ramPageLimit,
    gasLimit: numbers.get('gas-limit') ?? DEFAULT_POLICY.gasLimit,
  });
  matchers.setSize(policy, programSize);
  return policy;
}

const matchers = new MatcherCache();

/**
 * Returns the upper bound of the work of a decision: characters of the URL times RE2 instructions of the policy, or 0
 * if the URL is denied without matching. Independent of earlier matches.
 */
export function matchingSteps(policy: Policy, url: string): number {
  const steps = url.length * matchers.of(policy).programSize;
  return url.length > POLICY_BOUNDS.urlLength || steps > POLICY_BOUNDS.matchingSteps ? 0 : steps;
}

/** Describes why a URL is too long to match; undefined if it is not. */
function describeExcess(policy: Policy, url: string): string | undefined {
  const { urlLength, matchingSteps } = POLICY_BOUNDS;
  const { programSize } = matchers.of(policy);
  const most = Math.min(urlLength, Math.floor(matchingSteps / Math.max(1, programSize)));
  return url.length > most
    ? `the limit of ${most} characters of a URL for a policy of ${programSize} RE2 instructions`
    : undefined;
}

/** Decides whether the guest may open `url`, as written, and by which rule. */
export function decide(policy: Policy, url: string): PolicyDecision {
  const excess = describeExcess(policy, url);
  if (excess !== undefined) return { allowed: false, rule: undefined, by: excess };
  const { allow, disallow } = matchers.of(policy);
  const refusing = ruleAt(policy.disallow, disallow(url));
  if (refusing !== undefined) {
    return {
      allowed: false,
      rule: refusing,
      by: `disallow ${refusing.expression} (line ${refusing.line})`,
    };
  }
  if (policy.allow === null) return { allowed: true, rule: undefined };
  const rule = ruleAt(policy.allow, allow(url));
  return rule === undefined
    ? { allowed: false, rule, by: 'the allow list, none of whose expressions matches it' }
    : { allowed: true, rule };
}

function ruleAt(rules: readonly PolicyRule[], at: number | undefined): PolicyRule | undefined {
  return at === undefined ? undefined : rules[at];
}
