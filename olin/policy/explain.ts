/** Explains to the author of a policy how it decides about a URL. */
import { decide, type Policy, type PolicyRule } from './policy.ts';
import { findScheme, SCHEMES } from '../schemes/index.ts';

export interface PolicyExplanation {
  readonly allowed: boolean;
  /** The rule that decided; undefined if none did. */
  readonly rule: PolicyRule | undefined;
  /** The reason, as a sentence. */
  readonly why: string;
}

/**
 * Decides as a run does: about the URL as opened, and for http and https also about the final URL, in which `..` is
 * resolved and the host is lower case. A URL with an unknown scheme is never allowed.
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

/** Returns the final URL of a request with the path of the opened URL. */
function sentUrl(opened: string): string {
  const url = /^https?:/.test(opened) ? URL.parse(opened) : null;
  if (url === null) return opened;
  url.hash = '';
  return url.href;
}
