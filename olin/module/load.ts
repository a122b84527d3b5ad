/** Loads a module that was checked and metered earlier, such as an upload. */
import type { RunnableModule } from './module.ts';
import { Image, METER_VERSION, readPlan, withImage } from '../wasm/index.ts';

/** A compiled module, or the code part that several modules share. */
export type LoadedCode = Omit<RunnableModule, 'digest' | 'report'>;

/**
 * Compiles what `prepareModule` made of a module that passed `checkModule`. Neither is repeated, so the bytes must come from
 * a trusted source. Returns undefined if another version of the metering produced them; the caller must then compile
 * the module from its original bytes.
 */
export async function loadMetered(
  metered: Uint8Array<ArrayBuffer>,
): Promise<LoadedCode | undefined> {
  const module = await WebAssembly.compile(metered);
  const plan = readPlan(module);
  if (plan.version !== METER_VERSION) return undefined;
  const functions = WebAssembly.Module.imports(module).filter(
    ({ kind, module: from }) => kind === 'function' && from !== `${plan.prefix}meter`,
  );
  return { module, functions, plan };
}

/**
 * Returns a module of its own: no other one shares its instances. Throws an error if the image is not one of this code, or
 * if the code needs one and there is none.
 * @param digest SHA-256 of the module as it was submitted, in hexadecimal
 */
export function toRunnable(
  { module, functions, plan }: LoadedCode,
  digest: string,
  image: Uint8Array | undefined,
): RunnableModule {
  if (image !== undefined) {
    return { module, functions, digest, plan: withImage(plan, new Image(image)) };
  }
  if (plan.imageGlobals !== undefined) throw new TypeError('the code has no image');
  return { module, functions, digest, plan };
}
