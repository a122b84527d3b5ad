/** The built-in compilers, which need only npm. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Compilation, CompileProject, CompileSource } from '../../../sdk/diagnostic.ts';
import { leadsInside, writeInside } from '../../../sdk/inside.ts';
import { LANGUAGES, type Language } from '../../../sdk/languages.ts';

const SDK = new URL('../../../sdk/', import.meta.url);
/** TypeScript in a checkout, JavaScript in an installed package. */
const ENDING = import.meta.url.slice(import.meta.url.lastIndexOf('.'));

const BUILT_IN = LANGUAGES.filter(({ compiler }) => compiler.kind === 'built-in');

/** The names of the sources that trisiel compiles itself. */
export const OWN_SOURCES: readonly string[] = BUILT_IN.map(({ project }) => project.source);

/** A source that trisiel compiles itself. */
export interface OwnSource {
  readonly path: string;
  readonly language: Language;
}

/** Finds a source in the folder that trisiel compiles itself; undefined if there is none. */
export async function findOwnSource(folder: string): Promise<OwnSource | undefined> {
  const names = new Set(await readdir(folder).catch(() => []));
  const language = BUILT_IN.find(({ project }) => names.has(project.source));
  return language && { path: join(folder, language.project.source), language };
}

/** Compiles the source and writes the module. `output` has a line per diagnostic. */
export async function compileOwn(
  { path, language }: OwnSource,
  modulePath: string,
): Promise<{ readonly ok: boolean; readonly output: string }> {
  const result = await compileSource(path, language);
  const { source } = language.project;
  const output = result.diagnostics
    .map(
      ({ file, line, column, severity, message }) =>
        `${file ?? source}:${line}:${column}: ${severity}: ${message}\n`,
    )
    .join('');
  if (!result.ok) return { ok: false, output };
  if (await writeInside(dirname(path), modulePath, result.module)) return { ok: true, output };
  const name = relative(dirname(path), modulePath);
  const why = `${name} is a link to a place outside of the project. Remove the link.`;
  return { ok: false, output: `${output}${why}\n` };
}

async function compileSource(path: string, language: Language): Promise<Compilation> {
  const { compiler } = language;
  if (compiler.kind === 'built-in' && compiler.projects !== undefined) {
    const { compileProject }: { readonly compileProject: CompileProject } = await import(
      /* @vite-ignore */ new URL(`${compiler.projects}/project${ENDING}`, SDK).href
    );
    return compileProject(path);
  }
  // A compiler takes up to 1.2 seconds to load, so only the one that is needed is loaded.
  const { compile }: { readonly compile: CompileSource } = await import(
    /* @vite-ignore */ new URL(`${language.id}/compile${ENDING}`, SDK).href
  );
  const { library: libraryFiles, source } = language.project;
  const isSibling = new RegExp(`\\${source.slice(source.lastIndexOf('.'))}$`);
  const folder = dirname(path);
  const { [basename(path)]: main = '', ...siblings } = await readTexts(folder, isSibling);
  const library =
    libraryFiles === undefined ? {} : await readLibrary(folder, language.id, libraryFiles);
  return compile(main, library, siblings);
}

/** Reads the project's own copy of the library, or the one included in trisiel. */
async function readLibrary(
  folder: string,
  id: string,
  files: RegExp,
): Promise<Record<string, string>> {
  const copy = await readTexts(join(folder, 'olin'), files);
  return Object.keys(copy).length > 0 ? copy : readTexts(fileURLToPath(new URL(id, SDK)), files);
}

/**
 * Reads the files of a folder whose names match, by name; none if there is no such folder. Links to places outside of
 * it are omitted.
 */
async function readTexts(folder: string, wanted: RegExp): Promise<Record<string, string>> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => wanted.test(name));
  const files = names.sort().map(async (name): Promise<[string, string][]> => {
    const path = join(folder, name);
    return (await leadsInside(folder, path)) ? [[name, await readFile(path, 'utf8')]] : [];
  });
  return Object.fromEntries((await Promise.all(files)).flat());
}
