/** From a module that was checked and metered before, as an upload is, to one that can be run. */
import type { RunnableModule } from './module.ts';
import { METER_VERSION, readPlan } from '../wasm/plan.ts';

/**
 * Compiles what `meter` made of a module that `checkModule` had taken: nothing of that is done again, so the caller
 * answers for where the bytes come from. Undefined where another version of the metering made them; then the module is
 * to be compiled from its own bytes.
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
