/** A project in JavaScript or TypeScript to a handler: imports are resolved and bundled by esbuild. Types are removed, not checked. */
import { isBuiltin } from 'node:module';
import { basename, dirname } from 'node:path';
import { build, type Message } from 'esbuild';
import type { Compilation, Diagnostic } from '../diagnostic.ts';
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
