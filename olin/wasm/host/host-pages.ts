/**
 * Measures a run's use of host memory in 64 KiB pages: its memories, and its tables, whose elements are in the engine's
 * heap. Sums are doubles; a value too large to be exact exceeds every limit anyway.
 */
import type { Bounds } from '../format/types.ts';

export const PAGE_BYTES = 65_536;
/** Host memory per element: the element itself, and the data that an indirect call reads. */
const ELEMENT_BYTES = 32;
/** Fixed overhead of a table, in elements. */
const TABLE_ELEMENTS = 8;

const sum = (counts: readonly number[]): number =>
  counts.reduce((total, count) => total + count, 0);

/** Initial pages of memories. Each is a mapping, so an empty memory counts as one page. */
export const pagesOfMemories = (memories: readonly Pick<Bounds, 'min'>[]): number =>
  sum(memories.map(({ min }) => Math.max(1, min)));

/** Initial elements of tables, including overhead. */
export const elementsOf = (tables: readonly Pick<Bounds, 'min'>[]): number =>
  sum(tables.map(({ min }) => min + TABLE_ELEMENTS));

/** Rounded down to whole pages, so that the small table of most modules counts as none. */
export const pagesOfElements = (elements: number): number =>
  Math.floor((elements * ELEMENT_BYTES) / PAGE_BYTES);
