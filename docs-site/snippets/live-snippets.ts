/**
 * The live snippets of the reference: for each system call a small program in WebAssembly text, `live/NAME.wat`, whose
 * input and expected result are in `live/cases.json`. They are compiled when the site is built.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Case } from '../../examples/types.ts';
import type { ExampleData } from '../../playground/page/data.ts';
import { compile } from '../../sdk/wat/compile.ts';

const LIVE_DIR = join(process.cwd(), 'docs-site/live');

export interface LiveSnippet {
  readonly data: ExampleData;
  readonly case: Case;
  readonly module: Uint8Array<ArrayBuffer>;
}

/** The test beside this file runs all cases, and so checks the shape. */
const cases = JSON.parse(readFileSync(join(LIVE_DIR, 'cases.json'), 'utf8')) as Record<
  string,
  Case
>;

/** The snippets by system call. Throws if one has no case or does not compile. */
export const LIVE_SNIPPETS: ReadonlyMap<string, LiveSnippet> = new Map(
  await Promise.all(
    readdirSync(LIVE_DIR)
      .filter((file) => file.endsWith('.wat'))
      .map(async (file) => [file.slice(0, -4), await readSnippet(file)] as const),
  ),
);

async function readSnippet(file: string): Promise<LiveSnippet> {
  const name = file.slice(0, -4);
  const source = readFileSync(join(LIVE_DIR, file), 'utf8');
  const own = cases[name];
  if (own === undefined) throw new Error(`docs-site/live/cases.json has no case "${name}"`);
  const compiled = await compile(source);
  if (!compiled.ok) {
    const [first] = compiled.diagnostics;
    throw new Error(`docs-site/live/${file}:${first?.line}: ${first?.message}`);
  }
  const data: ExampleData = {
    title: name,
    summary: /^;; (.*)$/m.exec(source)?.[1] ?? name,
    language: 'wat',
    group: 'System calls',
    order: 0,
    teaches: [name],
    input: own.input,
    name,
    sourceFile: file,
    source,
    module: `/reference/live/${name}.wasm`,
    moduleBytes: compiled.module.length,
    cases: [],
  };
  return { data, case: own, module: compiled.module };
}
