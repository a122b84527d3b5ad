/**
 * Data of an example as the site's build writes it.
 *
 *     /examples/index.json           ExampleEntry[], by group and then by order
 *     /examples/NAME/example.json    ExampleData
 *     /examples/NAME/module.wasm     the built module
 *
 * Inside `<trisiel-playground example="NAME">` the same ExampleData is embedded in a
 * `<script type="application/json">`, written by {@link embedData}.
 */
import { ORIGIN, type Case, type Example, type ExampleInput } from '../../examples/types.ts';

/** A complete example: example.json, the source and the cases. */
export interface ExampleData extends Example {
  /** The folder's name, which is also the handler's name: `hello`. */
  readonly name: string;
  /** The source's file name: `main.as`. */
  readonly sourceFile: string;
  /** The source text. */
  readonly source: string;
  /** URL path of the module: `/examples/hello/module.wasm`. */
  readonly module: string;
  /** The module's size in bytes. */
  readonly moduleBytes: number;
  readonly cases: readonly Case[];
}

/** An entry of the picker. */
export type ExampleEntry = Pick<
  ExampleData,
  'name' | 'title' | 'summary' | 'language' | 'group' | 'order'
>;

/** Text for the embedded `<script type="application/json">`. `<` is escaped so that the data cannot close the script. */
export function embedData(data: ExampleData): string {
  return JSON.stringify(data).replaceAll('<', '\\u003c');
}

/** Replaces `{origin}` in all strings of the input. */
export function fillOrigin(input: ExampleInput, origin: string): ExampleInput {
  const filled: unknown = JSON.parse(
    JSON.stringify(input, (_key, value: unknown) =>
      typeof value === 'string' ? value.replaceAll(ORIGIN, origin) : value,
    ),
  );
  // The shape is unchanged: only strings were replaced.
  return filled as ExampleInput;
}
