import { readFile } from 'node:fs/promises';
import { readPackageVersion, describeDiagnostics, type Toolchain } from '../toolchain.ts';
import { compile } from './compile.ts';

const VERSION = '1.0.39';

export const toolchain: Toolchain = {
  wanted: `wabt ${VERSION} (npm install)`,
  find: () => readPackageVersion('wabt'),
  accepts: (found) => found === VERSION,
  packages: [],
  async build(source) {
    const result = await compile(await readFile(source, 'utf8'));
    return result.ok ? result.module : describeDiagnostics(source, result.diagnostics);
  },
};
