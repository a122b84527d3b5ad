/**
 * What a run takes of the host's memory, in one number: pages of 64 KiB. Memories count as what they are; so do tables,
 * whose elements the engine keeps in its own heap. Sums are doubles: what does not fit is past every limit anyway.
 */
import type { Bounds } from '../format/types.ts';

export const PAGE_BYTES = 65_536;
/** Of the host's memory: the element itself, and what a call through it looks at. */
const ELEMENT_BYTES = 32;
/** A table is an object or two, however few elements it has: it counts as so many more. */
const TABLE_ELEMENTS = 8;

const sum = (counts: readonly number[]): number =>
  counts.reduce((total, count) => total + count, 0);

/** Of memories as they begin. Each is a mapping, so that one without pages counts as one with a page. */
export const pagesOfMemories = (memories: readonly Pick<Bounds, 'min'>[]): number =>
  sum(memories.map(({ min }) => Math.max(1, min)));

/** Of tables as they begin. */
export const elementsOf = (tables: readonly Pick<Bounds, 'min'>[]): number =>
  sum(tables.map(({ min }) => min + TABLE_ELEMENTS));

/** Whole pages, so that a small table, which most modules have, counts as none. */
export const pagesOfElements = (elements: number): number =>
  Math.floor((elements * ELEMENT_BYTES) / PAGE_BYTES);
