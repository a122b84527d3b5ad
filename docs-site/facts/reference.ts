/** Data of the reference pages, from the declarations in `olin/abi/` and the emitters of `sdk/`. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
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
import { bindings, type Binding } from '../../sdk/bindings.ts';
import type { Emit } from '../../sdk/generate.ts';
import { LANGUAGES } from '../../sdk/languages.ts';
import type { ExampleData } from '../../playground/page/data.ts';
import { EXAMPLES } from './examples.ts';

/** Finds the emitters by its own path, so it is loaded as it is and not bundled. */
const { loadEmit } = (await import(
  /* @vite-ignore */ pathToFileURL(join(process.cwd(), 'sdk', 'generate.ts')).href
)) as typeof import('../../sdk/generate.ts');

const EMITTERS = (
  await Promise.all(
    LANGUAGES.map(async ({ id, title, grammar, bindings: output }) =>
      output === undefined
        ? []
        : [{ title, grammar, lines: output.lines, emit: await loadEmit(id) }],
    ),
  )
).flat();

export interface Signature {
  /** Label of the tab. */
  readonly label: string;
  /** Grammar of the syntax highlighter. */
  readonly lang: string;
  readonly code: string;
}

/** Returns the declaration of the function in each language, as in the bindings of `sdk/`. Throws if it is unknown. */
export function signatures(name: string): Signature[] {
  const fn = FUNCTIONS.get(name);
  const binding = bindings().find((other) => other.name === name);
  if (fn === undefined || binding === undefined) throw new Error(`${name} is not in olin/abi`);
  return [
    { label: 'WAT', lang: 'wasm', code: watImport(name, fn) },
    ...EMITTERS.map(({ title, grammar, lines, emit }) => ({
      label: title,
      lang: grammar,
      code: declared(emit, binding, lines),
    })),
  ];
}

/** Formats the import in WebAssembly text. */
export function watImport(name: string, fn: AbiFunction): string {
  const params = wireParams(fn).map((param) => ` (param $${param.name} ${param.type})`);
  const results = wireResults(fn).map((type) => ` (result ${type})`);
  return `(import "cwa" "${name}"\n  (func $${name}${[...params, ...results].join('')}))`;
}

/**
 * Returns the declaration of one function from the generated bindings.
 * @param lines number of lines that the declaration takes
 */
function declared(emit: Emit, binding: Binding, lines: number): string {
  const text = emit([binding]).split('\n');
  const last = text.findLastIndex((line) => new RegExp(`\\b${binding.name}\\(.*;$`).test(line));
  if (last < 0) throw new Error(`the bindings declare no ${binding.name}`);
  return text
    .slice(last - lines + 1, last + 1)
    .map((line) => line.trim().replace(/^CWA\(\w+\) /, ''))
    .join('\n');
}

/** Returns the names of a parameter as it is passed: a string or a buffer is two numbers, address and length. */
export function wireNames(fn: AbiFunction, param: Param): string[] {
  return wireParams({ ...fn, params: [param] }).map(({ name }) => name);
}

/** Returns the link to a system call in the reference. Throws if the call is unknown. */
export function functionLink(name: string): string {
  const namespace = NAMESPACES.find((other) => name.startsWith(`${other.name}_`));
  if (namespace === undefined || !FUNCTIONS.has(name))
    throw new Error(`${name} is not in olin/abi`);
  return `/reference/${namespace.name}/#${name}`;
}

/** Returns the examples that teach a system call, in their order. */
export function examplesThatTeach(name: string): ExampleData[] {
  return EXAMPLES.filter((example) => example.teaches.includes(name));
}

export function errorFacts(name: ErrorName): { name: ErrorName; code: number; doc: string } {
  return { name, ...ERRORS[name] };
}
