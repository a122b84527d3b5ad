/** Inspects, checks, meters, compiles and caches a submitted module. */
import { wireParams, wireResults } from '../abi/declare.ts';
import { findFunction } from '../abi/index.ts';
import type { ImportedFunction } from '../run/bind.ts';
import { InputError } from '../errors.ts';
import { ENTRY } from './entry.ts';
import { importName, isEntryType, noStart, signature, unknownImport } from './refusals.ts';
import {
  Image,
  inspect,
  meter,
  readPlan,
  splitModule,
  withImage,
  type MeterOptions,
  type MeterPlan,
  type ModuleReport,
} from '../wasm/index.ts';
import { digestOf } from './digest.ts';
import { compileCode } from './shared-code.ts';

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
  const digest = await digestOf(own);
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
  const functions = report.imports.filter(({ kind }) => kind === 'function');
  const split = splitModule(bytes);
  const code = split && (await compileCode(split.code, options));
  if (split !== undefined && code !== undefined) {
    const plan = withImage(code.plan, new Image(split.image));
    return { module: code.module, digest, report, functions, plan };
  }
  const metered = meter(bytes, options);
  let module: WebAssembly.Module;
  try {
    module = await WebAssembly.compile(metered.slice());
  } catch (error) {
    throw await explain(error, bytes);
  }
  return { module, digest, report, functions, plan: readPlan(module) };
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
    const fn = each.kind === 'function' ? findFunction(each.module, each.name) : undefined;
    if (fn === undefined) throw unknownImport(each, report);
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
  const entry = report.exports.find(({ name }) => name === ENTRY);
  if (entry === undefined || entry.kind !== 'function') throw noStart(report);
  const type = signature(entry.params ?? [], entry.results ?? []);
  if (!isEntryType(type)) {
    throw new InputError(
      'no-start',
      `The module exports ${ENTRY} as ${type}; it must have no parameters, and no results or its exit status, an i32.`,
    );
  }
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
