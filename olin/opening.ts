/** From a URL that the guest gives to a descriptor. */
import { CallError } from './errors.ts';
import { nearest } from './nearest.ts';
import type { Process } from './process.ts';
import { findScheme, SCHEMES } from './schemes/index.ts';

/** Throws an InvalidArgument where there is no such scheme; does not return where the policy refuses. */
export function openUrl(process: Process, url: string): number | Promise<number> {
  const found = findScheme(url);
  process.addUrl(found?.url ?? url);
  process.askPolicy(found?.url ?? url);
  if (found === undefined) {
    const names = SCHEMES.map(({ name }) => name);
    const near = nearest(url.split(':', 1)[0] ?? '', names);
    throw new CallError(
      'InvalidArgument',
      `"${url}" begins with no scheme that is known (${names.map((name) => `${name}://`).join(', ')})${near === undefined ? '' : `; did you mean ${near}://`}`,
    );
  }
  const resource = found.scheme.open(found.url, process);
  return resource instanceof Promise
    ? resource.then((opened) => process.addDescriptor(opened))
    : process.addDescriptor(resource);
}
