/** Compiles the code parts of modules that are split, and keeps them: modules with the same code share one. */
import { readPlan, type MeterOptions, type MeterPlan } from '../wasm/index.ts';
import { digestOf } from './digest.ts';
import { meterCode } from './prepare.ts';

/** A compiled code part. An instance of it needs an image; see `withImage` in ../wasm/plan.ts. */
export interface SharedCode {
  /** Metered. */
  readonly module: WebAssembly.Module;
  readonly plan: MeterPlan;
}

/** Cached code parts, most recently used last. There is one for each language that takes snapshots. */
const MAX_CACHED = 8;
const compiled = new Map<string, Promise<SharedCode | undefined>>();

/** Returns undefined if the code is not valid by itself, or if its instances cannot be given an image. */
export async function compileCode(
  code: Uint8Array<ArrayBuffer>,
  options: MeterOptions,
): Promise<SharedCode | undefined> {
  const key = `${options.profile === true ? 'profiled ' : ''}${await digestOf(code)}`;
  const made = compiled.get(key) ?? build(code, options);
  compiled.delete(key);
  compiled.set(key, made);
  const [oldest] = compiled.keys();
  if (compiled.size > MAX_CACHED && oldest !== undefined) compiled.delete(oldest);
  const found = await made;
  if (found === undefined) compiled.delete(key);
  return found;
}

async function build(
  code: Uint8Array<ArrayBuffer>,
  options: MeterOptions,
): Promise<SharedCode | undefined> {
  const metered = meterCode(code, options);
  if (metered === undefined) return undefined;
  try {
    const module = await WebAssembly.compile(metered);
    return { module, plan: readPlan(module) };
  } catch {
    return undefined;
  }
}
