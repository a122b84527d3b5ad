/** The ABI for the bindings of guest languages: imported names, parameters as they are passed, and descriptions. */
import type { ResultType } from '../olin/abi/declare.ts';
import { NAMESPACES } from '../olin/abi/index.ts';

/** The host reads from an `address` and writes to an `output` address. */
export type WireType = 'address' | 'output' | 'size' | 'i32' | 'u32';

export interface Binding {
  /** Name of the import from the module `cwa`, such as `resource_open`. */
  readonly name: string;
  readonly doc: string;
  readonly params: readonly { readonly name: string; readonly type: WireType }[];
  /** Undefined if the function returns nothing. */
  readonly result: ResultType | undefined;
  /** False if the function never returns, as `runtime_exit`. */
  readonly returns: boolean;
}

/** Lines at the top of each generated file, without the language's comment mark. */
export const NOTICE = [
  'The raw imports of the Common WebAssembly API 0.2, one declaration per system call.',
  'Generated from olin/abi by `node sdk/generate.ts`; do not edit.',
];

export function bindings(): Binding[] {
  return NAMESPACES.flatMap((namespace) =>
    namespace.functions.map((fn): Binding => ({
      name: `${namespace.name}_${fn.name}`,
      doc: fn.doc,
      params: fn.params.flatMap(({ name, type }): Binding['params'] =>
        type === 'i32' || type === 'u32'
          ? [{ name, type }]
          : [
              { name: `${name}_base`, type: type === 'buffer' ? 'output' : 'address' },
              { name: `${name}_len`, type: 'size' },
            ],
      ),
      result: fn.result?.type,
      returns: fn.name !== 'exit',
    })),
  );
}
