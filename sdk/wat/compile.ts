/** Compiles WebAssembly text, in Node and in a page, with the same bytes in both. */
import wabt from 'wabt';
import type { Compilation, Diagnostic } from '../diagnostic.ts';

/** The features that both the runtime and wabt support. */
const FEATURES = {
  bulk_memory: true,
  exceptions: true,
  extended_const: true,
  function_references: false,
  memory64: true,
  multi_value: true,
  mutable_globals: true,
  reference_types: true,
  sat_float_to_int: true,
  sign_extension: true,
  simd: true,
  tail_call: true,
};

let loading: ReturnType<typeof wabt> | undefined;

/** Compiles one source. Function names are kept for backtraces. */
export async function compile(source: string): Promise<Compilation> {
  loading ??= wabt();
  const wabtModule = await loading;
  try {
    const parsed = wabtModule.parseWat(FILE, encoder.encode(source), FEATURES);
    try {
      parsed.resolveNames();
      parsed.validate();
      const { buffer } = parsed.toBinary({ write_debug_names: true });
      return { ok: true, module: new Uint8Array(buffer), diagnostics: [] };
    } finally {
      parsed.destroy();
    }
  } catch (error) {
    return {
      ok: false,
      diagnostics: readDiagnostics(error instanceof Error ? error.message : String(error)),
    };
  }
}

const FILE = 'main.wat';
/** wabt takes the length of a string as its number of bytes, and so would cut a source with characters beyond ASCII. */
const encoder = new TextEncoder();

/** Parses wabt's errors, which are text: `main.wat:3:5: error: unexpected token "x", expected a y.` */
function readDiagnostics(text: string): Diagnostic[] {
  const found = [...text.matchAll(/^main\.wat:(\d+):(\d+): (error|warning): (.*)$/gm)].map(
    ([, line, column, severity, message]): Diagnostic => ({
      message: message ?? '',
      line: Number(line),
      column: Number(column),
      severity: severity === 'warning' ? 'warning' : 'error',
    }),
  );
  return found.length > 0
    ? found
    : [{ message: text.trim(), line: 1, column: 1, severity: 'error' }];
}
