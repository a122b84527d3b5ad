/** Keeps parsed policies by their text: RE2 compiles each once, however often its handlers are loaded. */
import { createHash } from 'node:crypto';
import { parsePolicy, type Policy } from '../../../olin/index.ts';

/** The least recently used are dropped. */
const MAX_POLICIES = 1000;

export class Policies {
  readonly #max: number;
  /** By digest of the text, in order of last use. */
  readonly #known = new Map<string, Policy>();

  constructor(max = MAX_POLICIES) {
    this.#max = max;
  }

  get size(): number {
    return this.#known.size;
  }

  /** Throws as `parsePolicy` does. The same text gives the same object. */
  parse(text: string): Policy {
    const digest = createHash('sha256').update(text).digest('base64');
    const policy = this.#known.get(digest) ?? parsePolicy(text);
    this.#known.delete(digest);
    this.#known.set(digest, policy);
    const [oldest] = this.#known.keys();
    if (this.#known.size > this.#max && oldest !== undefined) this.#known.delete(oldest);
    return policy;
  }
}
