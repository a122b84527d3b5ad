/** Loads a module that was checked and metered earlier, such as an upload. */
import type { RunnableModule } from './module.ts';
import { METER_VERSION, readPlan } from '../wasm/plan.ts';

/**
 * Compiles the output of `meter` for a module that passed `checkModule`. Neither is repeated, so the bytes must come from
 * a trusted source. Returns undefined if another version of the metering produced them; the caller must then compile
 * the module from its original bytes.
 * @param digest SHA-256 of the module as it was submitted, in hexadecimal
 */
export async function loadMetered(
  metered: Uint8Array<ArrayBuffer>,
  digest: string,
): Promise<RunnableModule | undefined> {
  const module = await WebAssembly.compile(metered);
  const plan = readPlan(module);
  if (plan.version !== METER_VERSION) return undefined;
  const functions = WebAssembly.Module.imports(module).filter(
    ({ kind, module: from }) => kind === 'function' && from !== `${plan.prefix}meter`,
  );
  return { module, digest, functions, plan };
}
