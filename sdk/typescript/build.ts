import { readFile } from 'node:fs/promises';
import { describeDiagnostics, readPackageVersion, type Toolchain } from '../toolchain.ts';
import { compile } from './compile.ts';

const VERSION = '6.0.3';

export const toolchain: Toolchain = {
  wanted: `typescript ${VERSION} (npm install)`,
  find: () => readPackageVersion('typescript'),
  accepts: (found) => found === VERSION,
  packages: [],
  async build(source) {
    const result = await compile(await readFile(source, 'utf8'));
    return result.ok ? result.module : describeDiagnostics(source, result.diagnostics);
  },
};
