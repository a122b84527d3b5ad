/** What a policy would say of a URL, before a guest opens it: for whoever writes the policy. */
import { decide, type Policy, type PolicyRule } from './policy.ts';
import { findScheme, SCHEMES } from '../schemes/index.ts';

export interface PolicyExplanation {
  readonly allowed: boolean;
  /** The rule that decided; undefined where none did. */
  readonly rule: PolicyRule | undefined;
  /** Why, as a sentence. */
  readonly why: string;
}

/**
 * Decides as a run does: about the URL as it is opened, and for http and https about the final one too, from which
 * `..` and capitals of the host are gone. What begins with no known scheme opens under no policy.
 */
export function explainPolicy(policy: Policy, url: string): PolicyExplanation {
  const found = findScheme(url);
  const opened = found?.url ?? url;
  const first = decide(policy, opened);
  if (!first.allowed) {
    return { allowed: false, rule: first.rule, why: `Refused by ${first.by}.` };
  }
  if (found === undefined) {
    const names = SCHEMES.map(({ name }) => `${name}://`).join(', ');
    return {
      allowed: false,
      rule: undefined,
      why: `The policy does not refuse it, but it begins with none of ${names}, so it cannot be opened.`,
    };
  }
  const sent = sentUrl(opened);
  const last = sent === opened ? first : decide(policy, sent);
  if (!last.allowed) {
    const why = `Refused by ${last.by}: what is sent is ${sent}`;
    return { allowed: false, rule: last.rule, why };
  }
  const { rule } = first;
  const why =
    rule === undefined
      ? 'Allowed: no line refuses it, and there is no allow list.'
      : `Allowed by allow ${rule.expression} (line ${rule.line}).`;
  return { allowed: true, rule, why };
}

/** Where the request has the path of the opened URL. */
function sentUrl(opened: string): string {
  const url = /^https?:/.test(opened) ? URL.parse(opened) : null;
  if (url === null) return opened;
  url.hash = '';
  return url.href;
}
