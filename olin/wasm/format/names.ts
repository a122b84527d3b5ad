/** The name section: debug names that producers leave in a module (core specification, appendix). */
import type { Section } from './sections.ts';

import { Reader } from './read.ts';
import { SECTION } from './sections.ts';

export interface Names {
  readonly module?: string;
  /** By function index, imports included. */
  readonly functions: ReadonlyMap<number, string>;
}

/** A malformed name section is not an error: names are read up to the first fault. */
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
      // Keep the names read so far.
    }
  }
  return module === undefined ? { functions } : { module, functions };
}
