/** Combines a bundle and the engine to a module. */
import { openSnapshot, SnapshotError, type SnapshotSource } from '../../olin/index.ts';
import type { Compilation, Diagnostic } from '../diagnostic.ts';

/** JavaScript in one ES module, which imports nothing but `trisiel`. */
export interface Bundle {
  readonly code: string;
  /** A source map as JSON; empty if positions in the code are those in the source. */
  readonly map: string;
}

/** Compiles the engine. It takes a while: keep the result. */
export function openEngine(bytes: Uint8Array): Promise<SnapshotSource> {
  return openSnapshot(bytes);
}

/** Evaluates the bundle in the engine. An error at the top level of the bundle becomes a diagnostic. */
export function makeHandler(engine: SnapshotSource, { code, map }: Bundle): Compilation {
  try {
    const bytecode = engine.take(pack(COMPILE, encoder.encode(code))).output;
    const { module, output } = engine.take(
      pack(bytecode.length, bytecode, encoder.encode(slim(map))),
    );
    const said = new TextDecoder().decode(output).trimEnd();
    const diagnostics: Diagnostic[] =
      said === '' ? [] : [{ message: said, line: 1, column: 1, severity: 'info' }];
    return { ok: true, module, diagnostics };
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    return { ok: false, diagnostics: [toDiagnostic(error)] };
  }
}

/** Followed by source, it asks for bytecode; see trisiel_initialize in engine/engine.c. */
const COMPILE = 0xffffffff;
const encoder = new TextEncoder();

function pack(first: number, ...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const input = new Uint8Array(4 + parts.reduce((sum, { length }) => sum + length, 0));
  new DataView(input.buffer).setUint32(0, first, true);
  let at = 4;
  for (const part of parts) {
    input.set(part, at);
    at += part.length;
  }
  return input;
}

/** Keeps only the parts of a source map that stacks need, because it becomes part of the module. */
function slim(map: string): string {
  if (map === '') return '';
  const { sources, mappings }: { sources: unknown; mappings: unknown } = JSON.parse(map);
  return JSON.stringify({ sources, mappings });
}

const PLACE = /\(?(?:\.\/)?([^\s():]+):(\d+):(\d+)\)?/;

/** The engine writes the exception and its stack, with positions in the sources. */
function toDiagnostic({ message, messages }: SnapshotError): Diagnostic {
  const said = messages.trim();
  const [first = message, ...stack] = said === '' ? [message] : said.split('\n');
  const frame = stack.map((line) => PLACE.exec(line)).find((found) => found !== null);
  const [, file, line = '1', column = '1'] = frame ?? [];
  return {
    ...(file === undefined ? {} : { file }),
    message: first,
    line: Number(line),
    column: Number(column),
    severity: 'error',
  };
}
