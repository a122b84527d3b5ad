import { readdir, readFile } from 'node:fs/promises';
import { readPackageVersion, describeDiagnostics, type Toolchain } from '../toolchain.ts';
import { compile } from './compile.ts';

const VERSION = '0.28.20';
const FOLDER = new URL('./', import.meta.url);

/** Returns the text of the library's files by name, for {@link compile}. */
export async function readLibrary(): Promise<Record<string, string>> {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith('.as')).sort();
  const files = names.map(async (name) => [name, await readFile(new URL(name, FOLDER), 'utf8')]);
  return Object.fromEntries(await Promise.all(files));
}

export const toolchain: Toolchain = {
  wanted: `assemblyscript ${VERSION} (npm install)`,
  find: () => readPackageVersion('assemblyscript'),
  accepts: (found) => found === VERSION,
  packages: [],
  async build(source) {
    const result = await compile(await readFile(source, 'utf8'), await readLibrary());
    return result.ok ? result.module : describeDiagnostics(source, result.diagnostics);
  },
};
