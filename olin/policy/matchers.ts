/** The RE2 programs of policies, with a limit of their memory. */
import { RE2Set } from 're2js';
import { compileExpression } from './policy-text.ts';
import type { Policy, PolicyRule } from './policy.ts';

/** Bytes of cached states per list; beyond it the cache is cleared (slower, still linear). */
const MATCHER_BYTES = 1 << 17;
/** With two lists per policy, the cached states take at most 64 MiB. */
const MAX_MATCHERS = 256;

/** Returns the index of the first rule that matches. */
type Matcher = (url: string) => number | undefined;

interface Matchers {
  readonly allow: Matcher;
  readonly disallow: Matcher;
  /** Instructions of all RE2 programs. */
  readonly programSize: number;
}

/** Matchers cannot be cloned into a worker, so they are built where they are used, at the first match. */
export class MatcherCache {
  readonly #max: number;
  /** Matchers by their expressions, in order of last use. Policies with the same expressions share one. */
  readonly #known = new Map<string, Matchers>();
  readonly #keys = new WeakMap<Policy, string>();
  readonly #sizes = new WeakMap<Policy, number>();

  /** @param max the number of policies whose matchers are kept; the least recently used are dropped */
  constructor(max = MAX_MATCHERS) {
    this.#max = max;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Records the size of the programs of a policy whose expressions have been compiled and checked. */
  setSize(policy: Policy, programSize: number): void {
    this.#sizes.set(policy, programSize);
  }

  of(policy: Policy): Matchers {
    const key = this.#keyOf(policy);
    const found = this.#known.get(key) ?? this.#build(policy);
    this.#known.delete(key);
    this.#known.set(key, found);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#max && oldest !== undefined) this.#known.delete(oldest);
    return found;
  }

  #keyOf(policy: Policy): string {
    const known = this.#keys.get(policy);
    if (known !== undefined) return known;
    const lists = [policy.allow ?? [], policy.disallow];
    const key = JSON.stringify(lists.map((rules) => rules.map(({ expression }) => expression)));
    this.#keys.set(policy, key);
    return key;
  }

  #build(policy: Policy): Matchers {
    const { allow, disallow } = policy;
    // A copy may not come from parsePolicy, so it is checked again.
    const programSize = this.#sizes.get(policy) ?? sizeOf(allow ?? []) + sizeOf(disallow);
    return { allow: buildMatcher(allow ?? []), disallow: buildMatcher(disallow), programSize };
  }
}

function sizeOf(rules: readonly PolicyRule[]): number {
  return rules.reduce(
    (sum, { expression, line }) => sum + compileExpression(expression, { line, column: 1 }),
    0,
  );
}

function buildMatcher(rules: readonly PolicyRule[]): Matcher {
  if (rules.length === 0) return () => undefined;
  const set = new RE2Set(RE2Set.UNANCHORED, 0, MATCHER_BYTES);
  for (const { expression } of rules) set.add(expression);
  set.compile();
  return (url) => set.match(url).sort((a, b) => a - b)[0];
}
