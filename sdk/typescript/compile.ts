/**
 * Compiles one TypeScript module to a handler, in Node and in a page, with the same bytes in both. Types are removed, not
 * checked. The compiler is large (1 MB compressed): import this file when it is first needed.
 */
import ts from 'typescript';
import type { Compilation, Diagnostic } from '../diagnostic.ts';
import { loadEngine } from '../javascript/engine.ts';
import { makeHandler } from '../javascript/handler.ts';

const MAIN = 'main.ts';

/** Compiles an ES module that imports nothing but `trisiel`; project.ts compiles projects with other imports. */
export async function compile(source: string): Promise<Compilation> {
  const { outputText, sourceMapText, diagnostics } = ts.transpileModule(source, {
    fileName: MAIN,
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2024,
      module: ts.ModuleKind.ESNext,
      sourceMap: true,
      verbatimModuleSyntax: true,
    },
  });
  const wrong = (diagnostics ?? []).map(toDiagnostic);
  if (wrong.length > 0) return { ok: false, diagnostics: wrong };
  const code = outputText.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n');
  const made = makeHandler(await loadEngine(), { code, map: sourceMapText ?? '' });
  return { ...made, diagnostics: made.diagnostics.map(withoutMain) };
}

function toDiagnostic({ messageText, file, start = 0 }: ts.Diagnostic): Diagnostic {
  const place = file?.getLineAndCharacterOfPosition(start);
  return {
    message: ts.flattenDiagnosticMessageText(messageText, '\n'),
    line: (place?.line ?? 0) + 1,
    column: (place?.character ?? 0) + 1,
    severity: 'error',
  };
}

/** Positions in the only source need no file name. */
function withoutMain({ file, ...rest }: Diagnostic): Diagnostic {
  return file === undefined || file === MAIN ? rest : { file, ...rest };
}
