/** The bill's picture of where gas went. */
import type { FunctionGas } from './types.ts';
import type { ModuleReport, OwnGas } from './wasm/index.ts';

const NOTHING: Pick<ModuleReport, 'functionNames' | 'exports'> = {
  functionNames: new Map(),
  exports: [],
};

/** Gives the functions their names, and puts the one that used most first. */
export function nameGas(
  used: readonly OwnGas[] | undefined,
  report: ModuleReport | undefined,
): FunctionGas[] | undefined {
  if (used === undefined) return undefined;
  const { functionNames, exports } = report ?? NOTHING;
  const exported = new Map(
    exports.filter(({ kind }) => kind === 'function').map(({ index, name }) => [index, name]),
  );
  return used
    .map(({ index, gas }) => ({
      name: functionNames.get(index) || exported.get(index) || `function ${index}`,
      index,
      gas,
    }))
    .sort((a, b) => b.gas - a.gas || a.index - b.index);
}
