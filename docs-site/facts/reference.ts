/** The reference's facts about one system call, from the tables of olin/ and the emitters of sdk/. */
import {
  ERRORS,
  FUNCTIONS,
  NAMESPACES,
  wireParams,
  wireResults,
  type AbiFunction,
  type ErrorName,
  type Param,
} from '../../olin/index.ts';
import { emitAssemblyScript } from '../../sdk/assemblyscript/emit.ts';
import { bindings, type Binding } from '../../sdk/bindings.ts';
import { emitC } from '../../sdk/c/emit.ts';
import { emitRust } from '../../sdk/rust/emit.ts';
import { emitZig } from '../../sdk/zig/emit.ts';
import type { ExampleData } from '../../playground/page/data.ts';
import { EXAMPLES } from './examples.ts';

export interface Signature {
  /** The tab's label. */
  readonly label: string;
  /** A grammar of the highlighter. */
  readonly lang: string;
  readonly code: string;
}

/** How a guest declares the function, a language at a time, as sdk/ does. */
export function signatures(name: string): Signature[] {
  const fn = FUNCTIONS.get(name);
  const binding = bindings().find((other) => other.name === name);
  if (fn === undefined || binding === undefined) throw new Error(`${name} is not in olin/abi`);
  return [
    { label: 'WAT', lang: 'wasm', code: watImport(name, fn) },
    { label: 'AssemblyScript', lang: 'ts', code: declared(emitAssemblyScript, binding, 2) },
    { label: 'Rust', lang: 'rust', code: declared(emitRust, binding, 1) },
    { label: 'Zig', lang: 'zig', code: declared(emitZig, binding, 1) },
    { label: 'C', lang: 'c', code: declared(emitC, binding, 1) },
  ];
}

/** The import line in WebAssembly text. */
export function watImport(name: string, fn: AbiFunction): string {
  const params = wireParams(fn).map((param) => ` (param $${param.name} ${param.type})`);
  const results = wireResults(fn).map((type) => ` (result ${type})`);
  return `(import "cwa" "${name}"\n  (func $${name}${[...params, ...results].join('')}))`;
}

/** The `lines` lines of a generated file that declare the one function in it. */
function declared(
  emit: (all: readonly Binding[]) => string,
  binding: Binding,
  lines: number,
): string {
  const text = emit([binding]).split('\n');
  const last = text.findLastIndex((line) => new RegExp(`\\b${binding.name}\\(.*;$`).test(line));
  if (last < 0) throw new Error(`${emit.name} declares no ${binding.name}`);
  return text
    .slice(last - lines + 1, last + 1)
    .map((line) => line.trim().replace(/^CWA\(\w+\) /, ''))
    .join('\n');
}

/** The names that a parameter has on the wire: a text or a buffer is two numbers. */
export function wireNames(fn: AbiFunction, param: Param): string[] {
  return wireParams({ ...fn, params: [param] }).map(({ name }) => name);
}

/** The page and the place that tell of a system call. */
export function functionLink(name: string): string {
  const namespace = NAMESPACES.find((other) => name.startsWith(`${other.name}_`));
  if (namespace === undefined || !FUNCTIONS.has(name))
    throw new Error(`${name} is not in olin/abi`);
  return `/reference/${namespace.name}/#${name}`;
}

/** The examples that teach a system call, in their order. */
export function examplesThatTeach(name: string): ExampleData[] {
  return EXAMPLES.filter((example) => example.teaches.includes(name));
}

export function errorFacts(name: ErrorName): { name: ErrorName; code: number; doc: string } {
  return { name, ...ERRORS[name] };
}
