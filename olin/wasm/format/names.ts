/** The name section: debug names that producers leave in a module (core specification, appendix). */
import type { Section } from './sections.ts';

import { Reader } from './read.ts';
import { SECTION } from './sections.ts';

export interface Names {
  readonly module?: string;
  /** By function index, imports included. */
  readonly functions: ReadonlyMap<number, string>;
}

/** A damaged name section is no error: names are read as far as they make sense. */
export function readNames(bytes: Uint8Array, sections: readonly Section[]): Names {
  const functions = new Map<number, string>();
  let module: string | undefined;
  const section = sections.find(({ id, name }) => id === SECTION.custom && name === 'name');
  if (section !== undefined) {
    try {
      const reader = new Reader(bytes, section.start, section.end);
      while (!reader.done) {
        const id = reader.u8();
        const length = reader.length('a list of names');
        const inner = new Reader(bytes, reader.at, reader.at + length);
        if (id === 0) module = inner.name();
        if (id === 1) {
          for (let count = inner.count('names'); count > 0; count--) {
            functions.set(inner.u32(), inner.name());
          }
        }
        reader.skip(length);
      }
    } catch {
      // What was read until here stands.
    }
  }
  return module === undefined ? { functions } : { module, functions };
}
