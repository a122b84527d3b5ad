/** The built-in compilers for AssemblyScript and WebAssembly text, which need only npm. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Compilation } from '../../../sdk/diagnostic.ts';
import { LANGUAGES } from '../languages.ts';

/** The source in the folder that trisiel compiles itself, by its path; undefined where there is none. */
export async function findOwnSource(folder: string): Promise<string | undefined> {
  const names = new Set(await readdir(folder).catch(() => []));
  const own = LANGUAGES.filter(({ build }) => build === undefined);
  const source = own.map(({ source }) => source).find((name) => names.has(name));
  return source === undefined ? undefined : join(folder, source);
}

/** Compiles the source and writes the module. Gives what the compiler said, a line a finding, and whether it went through. */
export async function compileOwn(
  source: string,
  modulePath: string,
): Promise<{ readonly ok: boolean; readonly output: string }> {
  const result = await (source.endsWith('.wat') ? compileText(source) : compileScript(source));
  const output = result.diagnostics
    .map(
      ({ file, line, column, severity, message }) =>
        `${file ?? basename(source)}:${line}:${column}: ${severity}: ${message}\n`,
    )
    .join('');
  if (result.ok) await writeFile(modulePath, result.module);
  return { ok: result.ok, output };
}

async function compileText(source: string): Promise<Compilation> {
  const { compile } = await import('../../../sdk/wat/compile.ts');
  return compile(await readFile(source, 'utf8'));
}

async function compileScript(source: string): Promise<Compilation> {
  // 1.2 seconds of loading: only where something is compiled.
  const { compile } = await import('../../../sdk/assemblyscript/compile.ts');
  const folder = dirname(source);
  const { [basename(source)]: main = '', ...siblings } = await readScripts(folder);
  // The project's own copy of the library; one without it takes what came with trisiel.
  const copy = await readScripts(join(folder, 'olin'));
  const library =
    Object.keys(copy).length > 0
      ? copy
      : await readScripts(join(import.meta.dirname, '../../../sdk/assemblyscript'));
  return compile(main, library, siblings);
}

/** The `.as` files of a folder, by name. */
async function readScripts(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.as'));
  const files = names
    .sort()
    .map(async (name) => [name, await readFile(join(folder, name), 'utf8')]);
  return Object.fromEntries(await Promise.all(files));
}
