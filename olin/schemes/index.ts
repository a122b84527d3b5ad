/** The URL schemes, by name. */
import { fileScheme } from './file.ts';
import { httpScheme, httpsScheme } from './http.ts';
import { logScheme } from './log.ts';
import { nullScheme } from './null.ts';
import { randomScheme } from './random.ts';
import type { Scheme } from './resource.ts';
import { zeroScheme } from './zero.ts';

export const SCHEMES: readonly Scheme[] = [
  fileScheme,
  httpScheme,
  httpsScheme,
  logScheme,
  nullScheme,
  randomScheme,
  zeroScheme,
];

const byName = new Map(SCHEMES.map((scheme) => [scheme.name, scheme]));

/**
 * Returns the scheme of a URL, and the URL with the scheme's name in lower case, which is also what the policy sees.
 * Undefined if the scheme is unknown.
 */
export function findScheme(url: string): { scheme: Scheme; url: string } | undefined {
  const name = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1];
  const scheme = name === undefined ? undefined : byName.get(name.toLowerCase());
  if (scheme === undefined) return undefined;
  return { scheme, url: scheme.name + url.slice(scheme.name.length) };
}
