/**
 * Builds the JavaScript engine of handlers, `sdk/javascript/engine.wasm`.
 *
 *     npm run engine                  builds it and writes it
 *     npm run engine -- --check       proves that the committed engine is what its sources give
 *     npm run engine -- --install     first installs Zig if it is missing
 *
 * It needs Zig (as the examples do) and cargo, which fetches the C source of QuickJS-ng.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { buildEngine, ENGINE_PATH } from '../sdk/javascript/build-engine.ts';

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      install: { type: 'boolean', default: false },
    },
  });
  const built = await buildEngine(values.install);
  const committed = await readFile(ENGINE_PATH).catch(() => undefined);
  const isSame = committed?.equals(built) === true;
  if (values.check) {
    console.log(
      isSame
        ? 'The engine is what its sources give.'
        : 'The engine is not what its sources give; run `npm run engine` and commit what it writes.',
    );
    return isSame ? 0 : 1;
  }
  if (!isSame) await writeFile(ENGINE_PATH, built);
  console.log(`${built.length} bytes${isSame ? '' : ', written'}`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
