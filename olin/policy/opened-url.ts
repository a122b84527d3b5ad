/** The URL that a guest opens, as the policy sees it. */
import { findScheme, SCHEMES } from '../schemes/index.ts';
import type { Scheme } from '../schemes/resource.ts';

export interface OpenedUrl {
  /** With a known scheme's name in lower case, otherwise as written. */
  readonly url: string;
  /** Undefined if the scheme is unknown: then the URL cannot be opened, whatever the policy says. */
  readonly scheme: Scheme | undefined;
}

/** The first step of a run and of an explanation: both pass the resulting `url` to `decide`. */
export function readOpenedUrl(url: string): OpenedUrl {
  return findScheme(url) ?? { url, scheme: undefined };
}

/** The schemes, as error messages list them. */
export const SCHEME_LIST = SCHEMES.map(({ name }) => `${name}://`).join(', ');
