/**
 * Generates the raw bindings of each language from the declarations in `olin/abi/`.
 *
 *     node sdk/generate.ts            writes the files
 *     node sdk/generate.ts --check    fails if a file is not up to date
 */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bindings, type Binding } from './bindings.ts';
import { LANGUAGES, type LanguageId } from './languages.ts';

/** Writes a language's bindings: `emit` of its emit.ts. */
export type Emit = (all: readonly Binding[]) => string;

/** Loads the emitter of a language whose row has `bindings`. */
export async function loadEmit(id: LanguageId): Promise<Emit> {
  const module: { readonly emit: Emit } = await import(
    /* @vite-ignore */ new URL(`${id}/emit.ts`, import.meta.url).href
  );
  return module.emit;
}

/** Writes the bindings, unless `check` is set. Returns the paths that differed. */
export async function generateBindings(check: boolean): Promise<string[]> {
  const differing: string[] = [];
  for (const { id, bindings: output } of LANGUAGES) {
    if (output === undefined) continue;
    const path = `${id}/${output.file}`;
    const url = new URL(path, import.meta.url);
    const wanted = (await loadEmit(id))(bindings());
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
