import { readFile } from 'node:fs/promises';
import { describeDiagnostics, type Toolchain } from '../toolchain.ts';
import { compile } from './compile.ts';

const WANTED = 'the engine of sdk/javascript (npm run engine)';

export const toolchain: Toolchain = {
  wanted: WANTED,
  // The engine is committed.
  find: async () => WANTED,
  accepts: (found) => found === WANTED,
  packages: [],
  async build(source) {
    const result = await compile(await readFile(source, 'utf8'));
    return result.ok ? result.module : describeDiagnostics(source, result.diagnostics);
  },
};
