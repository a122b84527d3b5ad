/** The worker that compiles sources. Each compiler is a separate chunk, loaded when first needed. */
import { expose } from 'comlink';
import type { CompileSource } from '../../sdk/diagnostic.ts';
import type { PageLanguage } from '../../sdk/languages.ts';
import type { Compiler, WorkerResult } from './worker-api.ts';

const SDK = '../../sdk';

const compilers = import.meta.glob<{ readonly compile: CompileSource }>('../../sdk/*/compile.ts');

/** The libraries that compilers read as sources, by path. */
const libraries = import.meta.glob<string>('../../sdk/*/*.as', {
  query: '?raw',
  import: 'default',
  eager: true,
});

async function loadCompiler(
  language: PageLanguage,
): Promise<(source: string) => ReturnType<CompileSource>> {
  const load = compilers[`${SDK}/${language}/compile.ts`];
  if (load === undefined) throw new Error(`sdk/${language}/compile.ts is missing`);
  const { compile } = await load();
  const library = Object.fromEntries(
    Object.entries(libraries).filter(([path]) => path.startsWith(`${SDK}/${language}/`)),
  );
  return (source) => compile(source, library);
}

const compiler = {
  load: (language) =>
    attempt(async () => {
      await loadCompiler(language);
      return null;
    }),
  compile: (language, source) =>
    attempt(async () => {
      const compile = await loadCompiler(language);
      const { diagnostics, ...result } = await compile(source);
      return result.ok ? { module: result.module, diagnostics } : { diagnostics };
    }),
} satisfies Compiler;

expose(compiler);

async function attempt<Value>(work: () => Promise<Value>): Promise<WorkerResult<Value>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, error: { code: 'compiler', message: `The compiler failed: ${message}` } };
  }
}
