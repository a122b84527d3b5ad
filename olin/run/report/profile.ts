/** Gas per function, for the bill. */
import type { RunnableModule } from '../../module/module.ts';
import { MAX_SHOWN_NAME, shorten } from '../../shorten.ts';
import type { FunctionGas } from '../../types.ts';
import type { ModuleReport, OwnGas } from '../../wasm/index.ts';

const NOTHING: Pick<ModuleReport, 'functionNames' | 'exports'> = {
  functionNames: new Map(),
  exports: [],
};

const NO_CHARGES: ReadonlyMap<string, number> = new Map();

/**
 * Adds function names, and sorts by gas, largest first. System calls are included with their charges.
 */
export function nameGas(
  used: readonly OwnGas[] | undefined,
  { report, functions }: RunnableModule,
  charges: ReadonlyMap<string, number> = NO_CHARGES,
): FunctionGas[] | undefined {
  if (used === undefined) return undefined;
  const { functionNames, exports } = report ?? NOTHING;
  const exported = new Map(
    exports.filter(({ kind }) => kind === 'function').map(({ index, name }) => [index, name]),
  );
  const own = used.map(({ index, gas }) => ({
    name: shorten(
      functionNames.get(index) || exported.get(index) || `function ${index}`,
      MAX_SHOWN_NAME,
    ),
    index,
    gas,
  }));
  // A module can import functions only, so imports have the first indices.
  const calls = Array.from(charges, ([name, gas]) => ({
    name,
    index: functions.findIndex((imported) => imported.name === name),
    gas,
  }));
  return [...own, ...calls].sort((a, b) => b.gas - a.gas || a.index - b.index);
}
