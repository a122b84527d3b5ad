/**
 * Generates the raw bindings of each language from the declarations in `olin/abi/`.
 *
 *     node sdk/generate.ts            writes the files
 *     node sdk/generate.ts --check    fails if a file is not up to date
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { emitAssemblyScript } from './assemblyscript/emit.ts';
import { bindings, type Binding } from './bindings.ts';
import { emitC } from './c/emit.ts';
import { emitRust } from './rust/emit.ts';
import { emitZig } from './zig/emit.ts';

const OUTPUTS: readonly (readonly [string, (all: readonly Binding[]) => string])[] = [
  ['assemblyscript/raw.as', emitAssemblyScript],
  ['c/olin-raw.h', emitC],
  ['rust/raw.rs', emitRust],
  ['zig/raw.zig', emitZig],
];

/** Writes the bindings, unless `check` is set. Returns the paths that differed. */
export async function generateBindings(check: boolean): Promise<string[]> {
  const differing: string[] = [];
  for (const [path, emit] of OUTPUTS) {
    const url = new URL(path, import.meta.url);
    const wanted = emit(bindings());
    const found = await readFile(url, 'utf8').catch(() => '');
    if (found === wanted) continue;
    differing.push(`sdk/${path}`);
    if (!check) await writeFile(url, wanted);
  }
  return differing;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const check = process.argv.includes('--check');
  const differing = await generateBindings(check);
  for (const path of differing) console.log(`${path}: ${check ? 'not up to date' : 'written'}`);
  if (check && differing.length > 0) {
    console.error('Run `node sdk/generate.ts` and commit the files.');
    process.exitCode = 1;
  }
}
