/** Inspects, checks, meters, compiles and caches a submitted module. */
import { wireParams, wireResults } from '../abi/declare.ts';
import { findFunction, FUNCTIONS, IMPORT_MODULES } from '../abi/index.ts';
import { WASI_FUNCTIONS, WASI_MODULE } from '../abi/wasi/index.ts';
import type { ImportedFunction } from '../run/bind.ts';
import { InputError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { MAX_SHOWN_NAME, shorten } from '../shorten.ts';
import {
  inspect,
  meter,
  readPlan,
  type MeterOptions,
  type MeterPlan,
  type ModuleReport,
} from '../wasm/index.ts';

/** What a run needs to know about a module. */
export interface RunnableModule {
  /** Metered. */
  readonly module: WebAssembly.Module;
  /** SHA-256 of the submitted bytes, in hexadecimal. */
  readonly digest: string;
  /** Report on the submitted bytes; without it, gas per function has no names. */
  readonly report?: ModuleReport;
  /** The ABI functions that it imports. */
  readonly functions: readonly ImportedFunction[];
  /** What metering added to the module. */
  readonly plan: MeterPlan;
}

export interface CompiledModule extends RunnableModule {
  readonly report: ModuleReport;
}

/** Cached modules, most recently used last. */
const MAX_CACHED = 64;
const compiled = new Map<string, Promise<CompiledModule>>();

/**
 * Compiles a module, or returns it from the cache. Throws an InputError if the bytes are not WebAssembly or malformed,
 * have no `_start`, or import something that the runtime does not provide.
 * With `profile`, the bill of its runs includes gas per function; runs are slower and use the same gas.
 */
export async function compile(
  bytes: Uint8Array,
  options: MeterOptions = {},
): Promise<CompiledModule> {
  const own = bytes.slice();
  const digest = hexadecimal(await crypto.subtle.digest('SHA-256', own));
  const key = options.profile === true ? `profiled ${digest}` : digest;
  const known = compiled.get(key);
  const made = known ?? build(own, digest, options);
  compiled.delete(key);
  compiled.set(key, made);
  const [oldest] = compiled.keys();
  if (compiled.size > MAX_CACHED && oldest !== undefined) compiled.delete(oldest);
  try {
    return await made;
  } catch (error) {
    compiled.delete(key);
    throw error;
  }
}

async function build(
  bytes: Uint8Array<ArrayBuffer>,
  digest: string,
  options: MeterOptions,
): Promise<CompiledModule> {
  const report = inspect(bytes);
  checkModule(report);
  const metered = meter(bytes, options);
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(metered.slice());
  } catch (error) {
    throw await explain(error, bytes);
  }
  return {
    module,
    digest,
    report,
    functions: report.imports.filter(({ kind }) => kind === 'function'),
    plan: readPlan(module),
  };
}

/** Checks the runtime's requirements on a well-formed module. Throws an InputError if one is not met. */
export function checkModule(report: ModuleReport): void {
  // Its objects would be in the host's heap, which no limit of the run covers.
  if (report.features.includes('gc')) {
    throw new InputError(
      'unsupported-feature',
      'The module uses garbage-collected objects (structs or arrays), whose memory cannot be limited. Build it without the GC proposal.',
    );
  }
  for (const each of report.imports) {
    if (each.kind !== 'function') throw unknownImport(each.module, each.name, each.kind);
    const fn = findFunction(each.module, each.name);
    if (fn === undefined) throw unknownImport(each.module, each.name, each.kind);
    const wanted = signature(
      wireParams(fn).map(({ type }) => type),
      wireResults(fn),
    );
    const found = signature(each.params ?? [], each.results ?? []);
    if (wanted !== found) {
      throw new InputError(
        'bad-import-type',
        `The module imports ${importName(each.module, each.name)} as ${found}, but the function is ${wanted}. Declare it with that type and compile again.`,
      );
    }
  }
  const entry = report.exports.find(({ name }) => name === '_start');
  if (entry === undefined || entry.kind !== 'function') throw noStart(report);
  const type = signature(entry.params ?? [], entry.results ?? []);
  if (type !== '() -> ()') {
    throw new InputError(
      'no-start',
      `The module exports _start as ${type}; it must have no parameters and no results. To return a status, call runtime_exit.`,
    );
  }
}

function signature(params: readonly string[], results: readonly string[]): string {
  return `(${params.join(', ')}) -> (${results.join(', ')})`;
}

function noStart(report: ModuleReport): InputError {
  const names = report.exports.filter(({ kind }) => kind === 'function').map(({ name }) => name);
  const seen =
    names.length === 0
      ? 'it exports no functions'
      : `it exports ${names
          .slice(0, 8)
          .map((name) => shorten(name, MAX_SHOWN_NAME))
          .join(', ')}`;
  const near = names.find((name) => /^(_?main|start|_initialize|run)$/i.test(name));
  const hint = near === undefined ? '' : ` Perhaps ${near} should be called _start.`;
  return new InputError(
    'no-start',
    `The module exports no function _start, which the runtime calls: ${seen}.${hint} Export a function _start without parameters and results.`,
  );
}

/** Toolchains with unsupported output, by the module that they import from. */
const FOREIGN: readonly (readonly [RegExp, string])[] = [
  [
    /^wasi/,
    `It was built for another WASI than preview 1 (${WASI_MODULE}); build it for wasip1, or for wasm32-unknown-unknown with the guest library of sdk/.`,
  ],
  [/^(gojs|go)$/, 'It was built by Go for the browser, which needs a JavaScript host.'],
  [/^wbg|^__wbindgen/, 'It was built by wasm-bindgen, which needs a JavaScript host.'],
];

function importName(module: string, name: string): string {
  return `${shorten(module, MAX_SHOWN_NAME)}.${shorten(name, MAX_SHOWN_NAME)}`;
}

function unknownImport(module: string, name: string, kind: string): InputError {
  const start = `The module imports ${kind === 'function' ? '' : `the ${kind} `}${importName(module, name)}, which the runtime does not provide.`;
  if (module === WASI_MODULE && kind === 'function') {
    const near = nearest(name, WASI_FUNCTIONS.keys());
    return new InputError(
      'unknown-import',
      `${start} ${near === undefined ? 'WASI preview 1 has no such function.' : `Did you mean ${near}?`}`,
    );
  }
  const foreign = FOREIGN.find(([pattern]) => pattern.test(module));
  if (foreign !== undefined) return new InputError('unknown-import', `${start} ${foreign[1]}`);
  if (kind !== 'function') {
    return new InputError('unknown-import', `${start} Define it in the module instead.`);
  }
  if (FUNCTIONS.has(name)) {
    return new InputError(
      'unknown-import',
      `${start} Import it from ${IMPORT_MODULES.join(' or ')}.`,
    );
  }
  const near = nearest(name, FUNCTIONS.keys());
  const hint =
    near === undefined
      ? `It has ${FUNCTIONS.size} functions, such as resource_write; the reference lists them.`
      : `Did you mean ${near}?`;
  return new InputError('unknown-import', `${start} ${hint}`);
}

/**
 * Describes why the engine refuses a module. Validates the submitted bytes first, so that offsets refer to the author's
 * file.
 */
async function explain(error: unknown, bytes: Uint8Array<ArrayBuffer>): Promise<Error> {
  let cause = error;
  let ours = false;
  try {
    await WebAssembly.compile(bytes);
    ours = true;
  } catch (original) {
    cause = original;
  }
  if (!(cause instanceof WebAssembly.CompileError)) return new Error('compiling failed');
  const reason = cause.message.replace(/^WebAssembly\.\w+\(\): /, '');
  return ours
    ? new Error(`metering broke the module: ${reason}`)
    : new InputError(
        'malformed-module',
        `The module is not valid WebAssembly: ${reason}. Compile it again. If it fails again, report it to the compiler's developers.`,
      );
}

function hexadecimal(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
