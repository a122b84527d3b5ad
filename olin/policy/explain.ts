/** Explains to the author of a policy how it decides about a URL. */
import { CallError } from '../errors.ts';
import { openAuthority, resolveTarget } from '../schemes/http-url.ts';
import { decide, type Policy, type PolicyRule } from './policy.ts';
import { readOpenedUrl, SCHEME_LIST } from './opened-url.ts';

export interface PolicyExplanation {
  /** Whether a run may open the URL. */
  readonly allowed: boolean;
  /** The rule that decided; undefined if none did. */
  readonly rule: PolicyRule | undefined;
  /** The reason, as a sentence. */
  readonly why: string;
}

/**
 * Decides as a run does, by the same steps: about the URL as opened, and for http and https also about the final URL of
 * a request for its path, in which `..` is resolved and the host is lower case. A URL that cannot be opened, because of
 * an unknown scheme or a malformed host, is never allowed.
 */
export function explainPolicy(policy: Policy, written: string): PolicyExplanation {
  const { url, scheme } = readOpenedUrl(written);
  const first = decide(policy, url);
  if (!first.allowed) {
    return { allowed: false, rule: first.rule, why: `Refused by ${first.by}.` };
  }
  if (scheme === undefined) return unopenable(`it does not begin with one of ${SCHEME_LIST}`);
  let sent: string;
  try {
    sent = finalUrl(url);
  } catch (error) {
    if (error instanceof CallError) return unopenable(`it is malformed: ${error.message}`);
    throw error;
  }
  const last = sent === url ? first : decide(policy, sent);
  if (!last.allowed) {
    const why = `Refused by ${last.by}: the request would go to ${sent}`;
    return { allowed: false, rule: last.rule, why };
  }
  const { rule } = first;
  const why =
    rule === undefined
      ? 'Allowed: no line refuses it, and there is no allow list.'
      : `Allowed by allow ${rule.expression} (line ${rule.line}).`;
  return { allowed: true, rule, why };
}

function unopenable(why: string): PolicyExplanation {
  const sentence = `The policy does not refuse it, but it cannot be opened: ${why}.`;
  return { allowed: false, rule: undefined, why: sentence };
}

/**
 * Returns the final URL of a request for the path of the opened URL; the opened URL itself if it is of another scheme,
 * or has no host (then the request names one). Throws a CallError if the URL is malformed.
 */
function finalUrl(opened: string): string {
  const [, name, path = ''] = /^(https?):\/\/[^/?#]*([^#]*)/.exec(opened) ?? [];
  if (name !== 'http' && name !== 'https') return opened;
  const authority = openAuthority(name, opened);
  if (authority === undefined) return opened;
  return resolveTarget(name, authority, path.startsWith('/') ? path : `/${path}`, []).href;
}
