/** The worker that compiles sources. Each compiler is a separate chunk, loaded when first needed. */
import { expose } from 'comlink';
import type { Compilation } from '../../sdk/diagnostic.ts';
import type { Compiler, PageLanguage, WorkerResult } from './worker-api.ts';

const library = import.meta.glob<string>('../../sdk/assemblyscript/*.as', {
  query: '?raw',
  import: 'default',
  eager: true,
});

const compilers: Record<PageLanguage, () => Promise<(source: string) => Promise<Compilation>>> = {
  async assemblyscript() {
    const { compile } = await import('../../sdk/assemblyscript/compile.ts');
    return (source) => compile(source, library);
  },
  async wat() {
    const { compile } = await import('../../sdk/wat/compile.ts');
    return compile;
  },
};

const compiler = {
  load: (language) =>
    attempt(async () => {
      await compilers[language]();
      return null;
    }),
  compile: (language, source) =>
    attempt(async () => {
      const compile = await compilers[language]();
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
