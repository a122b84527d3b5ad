/** The ABI as a guest's language needs it: imported names, parameters as they go over the wire, and the words. */
import type { ResultType } from '../olin/abi/declare.ts';
import { NAMESPACES } from '../olin/abi/index.ts';

/** An `address` is read by the host, a `room` is written. */
export type WireType = 'address' | 'room' | 'size' | 'i32' | 'u32';

export interface Binding {
  /** As imported from module `cwa`: `resource_open`. */
  readonly name: string;
  readonly doc: string;
  readonly params: readonly { readonly name: string; readonly type: WireType }[];
  /** Absent where the function returns nothing. */
  readonly result: ResultType | undefined;
  /** Whether the function comes back: `runtime_exit` does not. */
  readonly returns: boolean;
}

/** What stands at the top of each generated file, without the language's comment mark. */
export const NOTICE = [
  'The raw imports of the Common WebAssembly API 0.2, one declaration a system call.',
  'Generated from olin/abi by `node sdk/generate.ts`: edits here are lost.',
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
              { name: `${name}_base`, type: type === 'buffer' ? 'room' : 'address' },
              { name: `${name}_len`, type: 'size' },
            ],
      ),
      result: fn.result?.type,
      returns: fn.name !== 'exit',
    })),
  );
}
