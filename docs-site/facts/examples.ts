/** The examples as the site shows them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { GROUPS, type Example } from '../../examples/types.ts';
import type { ExampleData, ExampleEntry } from '../../playground/page/data.ts';

/** The site is built from the root of the repository; bundled code has no useful path of its own. */
const EXAMPLES_DIR = join(process.cwd(), 'examples');

/** The reader of examples/ finds its folder by its own path, so it is loaded as it stands and not bundled. */
const reader = (await import(
  /* @vite-ignore */ pathToFileURL(join(EXAMPLES_DIR, 'load.ts')).href
)) as typeof import('../../examples/load.ts');

/** What the one sentence under a group's heading says. */
export const GROUP_DOCS: Readonly<Record<Example['group'], string>> = {
  'First steps': 'The same first program in each language.',
  HTTP: 'Handlers that answer requests, by CGI.',
  'System calls': 'What a guest can ask of its host.',
  'Policy at work': 'What happens when a guest goes too far.',
  Showpieces: 'Larger programs, to play with.',
};

/** A folder whose module is not built yet is not shown; the examples' own tests tell of it. */
const built = (await reader.listExamples()).filter((name) =>
  ['example.json', 'cases.json', 'module.wasm'].every((file) =>
    existsSync(join(EXAMPLES_DIR, name, file)),
  ),
);

const loaded = await Promise.all(built.map(reader.loadExample));

const modules = new Map(loaded.map(({ name, module }) => [name, module]));

/** Every example, by group and then by order. */
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

/** The example of that name. Throws where there is none: a page names one that is gone. */
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
  if (module === undefined) throw new Error(`there is no module of an example "${name}"`);
  return module;
}
