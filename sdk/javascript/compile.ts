/** Compiles one JavaScript module to a handler, in Node and in a page, with the same bytes in both. */
import type { Compilation } from '../diagnostic.ts';
import { loadEngine } from './engine.ts';
import { makeHandler } from './handler.ts';

/** Compiles an ES module that imports nothing but `trisiel`; project.ts compiles projects with other imports. */
export async function compile(source: string): Promise<Compilation> {
  return makeHandler(await loadEngine(), { code: source, map: '' });
}
