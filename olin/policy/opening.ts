/** Opens a URL for a guest. */
import { CALL_RATES } from '../run/call-cost.ts';
import { CallError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Process } from '../run/process.ts';
import { SCHEMES } from '../schemes/index.ts';
import { MAX_SHOWN_URL, shorten } from '../shorten.ts';
import { readOpenedUrl, SCHEME_LIST } from './opened-url.ts';

/**
 * Returns a descriptor. Throws InvalidArgument if the scheme is unknown; does not return if the policy denies the URL.
 */
export function openUrl(process: Process, written: string): number | Promise<number> {
  process.charge(CALL_RATES.open.gas);
  const { url, scheme } = readOpenedUrl(written);
  process.addUrl(url);
  process.checkPolicy(url);
  if (scheme === undefined) {
    const names = SCHEMES.map(({ name }) => name);
    const near = nearest(url.split(':', 1)[0] ?? '', names);
    throw new CallError(
      'InvalidArgument',
      `"${shorten(url, MAX_SHOWN_URL)}" does not begin with a known scheme (${SCHEME_LIST})${near === undefined ? '' : `; did you mean ${near}://`}`,
    );
  }
  const resource = scheme.open(url, process);
  return resource instanceof Promise
    ? resource.then((opened) => process.addDescriptor(opened))
    : process.addDescriptor(resource);
}
