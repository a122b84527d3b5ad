/** The version of the package. */
import { readFile } from 'node:fs/promises';

let version: Promise<string> | undefined;

export async function readVersion(): Promise<string> {
  version ??= readFile(new URL('../package.json', import.meta.url), 'utf8').then((text) => {
    const parsed: { readonly version?: string } = JSON.parse(text);
    return parsed.version ?? '';
  });
  return version;
}
