/**
 * Compiles a project in JavaScript or TypeScript to a handler. esbuild resolves and bundles its imports. Types are
 * removed, not checked.
 */
import { realpath } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { build, type Message, type Plugin } from 'esbuild';
import type { Compilation, Diagnostic } from '../diagnostic.ts';
import { isInside } from '../inside.ts';
import { loadEngine } from './engine.ts';
import { makeHandler, type Bundle } from './handler.ts';

/** Files that can be imported as text, such as templates. */
const TEXTS = ['.css', '.csv', '.html', '.md', '.svg', '.txt', '.xml'];

/** @param path the main source */
export async function compileProject(path: string): Promise<Compilation> {
  const bundled = await bundle(path);
  if ('failure' in bundled) return { ok: false, diagnostics: bundled.failure };
  const made = makeHandler(await loadEngine(), bundled.bundle);
  return { ...made, diagnostics: [...bundled.warnings, ...made.diagnostics] };
}

type Bundled =
  | { readonly bundle: Bundle; readonly warnings: readonly Diagnostic[] }
  | { readonly failure: readonly Diagnostic[] };

async function bundle(path: string): Promise<Bundled> {
  try {
    const { outputFiles, warnings } = await build({
      entryPoints: [basename(path)],
      absWorkingDir: dirname(path),
      outfile: 'handler.js',
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      mainFields: ['module', 'browser', 'main'],
      conditions: ['worker', 'module'],
      external: ['trisiel'],
      plugins: [keepInside(await realpath(dirname(path)))],
      target: 'es2023',
      define: { 'process.env.NODE_ENV': '"production"' },
      loader: Object.fromEntries(TEXTS.map((ending) => [ending, 'text'])),
      sourcemap: 'external',
      sourcesContent: false,
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
    });
    const text = (ending: string): string =>
      outputFiles.find((file) => file.path.endsWith(ending))?.text ?? '';
    return {
      bundle: { code: text('.js'), map: text('.map') },
      warnings: warnings.map((each) => toDiagnostic(each, 'warning')),
    };
  } catch (error) {
    const errors = readErrors(error);
    if (errors === undefined) throw error;
    return { failure: errors.map((each) => toDiagnostic(each, 'error')) };
  }
}

/** Marks a resolution that this plugin itself requested. */
const ASKED = Symbol('asked');
/** Matches the name of a package at the beginning of an import. */
const PACKAGE = /^(?:@[^/]+\/)?[^/]+/;

/**
 * Refuses imports of files that are neither in the project nor in a package that is installed for it. Otherwise a project
 * could bundle, and so deploy, any file of the person who builds it. esbuild has already followed the links of a path.
 */
function keepInside(project: string): Plugin {
  const roots = new Set([project]);
  const isKnown = (path: string): boolean => [...roots].some((root) => isInside(root, path));
  return {
    name: 'keep-inside',
    setup({ onResolve, resolve }) {
      onResolve({ filter: /.*/ }, async ({ path, pluginData, ...from }) => {
        if (pluginData === ASKED) return undefined;
        const found = await resolve(path, { ...from, pluginData: ASKED });
        // esbuild resolves again, and reports where the import is.
        if (found.errors.length > 0) return undefined;
        if (found.external || found.namespace !== 'file') return found;
        if (isKnown(found.path)) return found;
        const installed = await findPackage(from.resolveDir, PACKAGE.exec(path)?.[0]);
        if (installed !== undefined) roots.add(installed);
        if (isKnown(found.path)) return found;
        return { errors: [{ text: `"${path}" is outside of the project. ${WHAT_IS_IMPORTED}` }] };
      });
    },
  };
}

const WHAT_IS_IMPORTED =
  'A handler imports files of its own folder and packages that npm has installed';

/** Returns the real folder of a package in the `node_modules` of this folder or one above it. */
async function findPackage(folder: string, name: string | undefined): Promise<string | undefined> {
  if (name === undefined || name.startsWith('.') || name.includes('\\')) return undefined;
  const found = await realpath(join(folder, 'node_modules', name)).catch(() => undefined);
  if (found !== undefined || dirname(folder) === folder) return found;
  return findPackage(dirname(folder), name);
}

function readErrors(error: unknown): readonly Message[] | undefined {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
    ? error.errors
    : undefined;
}

function toDiagnostic({ text, location }: Message, severity: 'error' | 'warning'): Diagnostic {
  const name = /^Could not resolve "([^"]+)"/.exec(text)?.[1];
  return {
    ...(location === null ? {} : { file: location.file }),
    message: name === undefined ? text : explainImport(name),
    line: location?.line ?? 1,
    column: (location?.column ?? 0) + 1,
    severity,
  };
}

function explainImport(name: string): string {
  if (isBuiltin(name)) {
    return `"${name}" is a part of Node, which handlers do not have. Use the web APIs, or a package that needs no Node`;
  }
  return name.startsWith('.')
    ? `There is no "${name}"`
    : `There is no package "${name}" here. Install it: npm install ${name}`;
}
