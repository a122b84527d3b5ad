/**
 * What the page hands to a playground, and what the site's build writes beside it.
 *
 *     /examples/index.json           ExampleEntry[], by group and then by order
 *     /examples/NAME/example.json    ExampleData
 *     /examples/NAME/module.wasm     the built module
 *
 * Inside `<trisiel-playground example="NAME">` the same ExampleData stands in a
 * `<script type="application/json">`, written by {@link embedData}.
 */
import { ORIGIN, type Case, type Example, type ExampleInput } from '../../examples/types.ts';

/** One example, whole: example.json, the source and the cases. */
export interface ExampleData extends Example {
  /** The folder's name, which is also the handler's name: `hello`. */
  readonly name: string;
  /** The source's file name: `main.as`. */
  readonly sourceFile: string;
  /** The source's text. */
  readonly source: string;
  /** Where the module is fetched: `/examples/hello/module.wasm`. */
  readonly module: string;
  /** The module's size in bytes. */
  readonly moduleBytes: number;
  readonly cases: readonly Case[];
}

/** One line of the picker. */
export type ExampleEntry = Pick<
  ExampleData,
  'name' | 'title' | 'summary' | 'language' | 'group' | 'order'
>;

/** The text for the embedded `<script type="application/json">`: no `<` in it can end the script. */
export function embedData(data: ExampleData): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}

/** The languages whose sources are compiled in the page. */
export function isCompiledInPage(
  language: Example['language'],
): language is 'assemblyscript' | 'wat' {
  return language === 'assemblyscript' || language === 'wat';
}

/** How a language is called to a reader. */
export const LANGUAGE_NAMES: Readonly<Record<Example['language'], string>> = {
  assemblyscript: 'AssemblyScript',
  rust: 'Rust',
  zig: 'Zig',
  c: 'C',
  wat: 'WebAssembly text',
};

/** The input with `{origin}` filled in. */
export function fillOrigin(input: ExampleInput, origin: string): ExampleInput {
  const filled: unknown = JSON.parse(
    JSON.stringify(input, (_key, value: unknown) =>
      typeof value === 'string' ? value.replaceAll(ORIGIN, origin) : value,
    ),
  );
  // The same shape: only texts were replaced.
  return filled as ExampleInput;
}
