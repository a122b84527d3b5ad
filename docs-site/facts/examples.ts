/** The examples, for the site. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GROUPS, type Example } from '../../examples/types.ts';
import type { ExampleData, ExampleEntry } from '../../playground/page/data.ts';

/** Relative to the working directory, the root of the repository: bundled code has no useful path of its own. */
const EXAMPLES_DIR = join(process.cwd(), 'examples');

/** Not bundled: this module finds `examples/` relative to its own path. */
const reader = (await import(
  /* @vite-ignore */ pathToFileURL(join(EXAMPLES_DIR, 'load.ts')).href
)) as typeof import('../../examples/load.ts');

/** The sentence below the heading of each group. */
export const GROUP_DOCS: Readonly<Record<Example['group'], string>> = {
  'First steps': 'The same first program in each language.',
  HTTP: 'Handlers that answer HTTP requests.',
  'System calls': 'The functions that the host provides.',
  'Policy at work': 'What happens when a guest exceeds a limit or breaks its policy.',
  Showpieces: 'Larger programs to play with.',
};

/** Folders without a built module are skipped; the tests of the examples report them. */
const built = (await reader.listExamples()).filter((name) =>
  ['example.json', 'cases.json', 'module.wasm'].every((file) =>
    existsSync(join(EXAMPLES_DIR, name, file)),
  ),
);

const loaded = await Promise.all(built.map(reader.loadExample));

const modules = new Map(loaded.map(({ name, module }) => [name, module]));

/** Every example, sorted by group and order. */
export const EXAMPLES: readonly ExampleData[] = loaded
  .map(({ name, example, cases, sourceFile, source, module }): ExampleData => ({
    ...example,
    name,
    sourceFile,
    source,
    cases,
    module: `/examples/${name}/module.wasm`,
    moduleBytes: module.length,
  }))
  .sort(
    (a, b) =>
      GROUPS.indexOf(a.group) - GROUPS.indexOf(b.group) ||
      a.order - b.order ||
      (a.name < b.name ? -1 : 1),
  );

/** Returns the example of that name. Throws if there is none, so that a page cannot name a deleted example. */
export function getExample(name: string): ExampleData {
  const found = EXAMPLES.find((example) => example.name === name);
  if (found === undefined) {
    const names = EXAMPLES.map((example) => example.name);
    throw new Error(`There is no example "${name}". There are: ${names.join(', ')}.`);
  }
  return found;
}

export function toEntry(data: ExampleData): ExampleEntry {
  const { name, title, summary, language, group, order } = data;
  return { name, title, summary, language, group, order };
}

export function readModule(name: string): Uint8Array<ArrayBuffer> {
  const module = modules.get(name);
  if (module === undefined) throw new Error(`The example "${name}" has no module.`);
  return module;
}
