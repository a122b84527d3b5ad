/** Finds what of a memory must be written: runs of bytes that differ from what it contained before. */

export interface Run {
  readonly from: number;
  readonly to: number;
}

/** A segment costs about this many bytes itself: shorter stretches of equal bytes are written. */
const MIN_GAP = 16;
/** Engines allow 100,000 segments. */
const MAX_RUNS = 50_000;

/**
 * The runs, in order. Each begins and ends with a byte that differs.
 * @param before the memory when it was new, perhaps smaller: it grew by zeros
 */
export function findRuns(bytes: Uint8Array, before: Uint8Array): Run[] {
  for (let gap = MIN_GAP; ; gap *= 4) {
    const runs = runsApart(bytes, before, gap);
    if (runs.length <= MAX_RUNS) return runs;
  }
}

function runsApart(bytes: Uint8Array, before: Uint8Array, gap: number): Run[] {
  const runs: Run[] = [];
  // Memories are whole pages and mostly as they were, so eight bytes are compared at a time.
  const words = new BigUint64Array(bytes.buffer, bytes.byteOffset, bytes.length >> 3);
  const old = new BigUint64Array(before.buffer, before.byteOffset, before.length >> 3);
  let from = -1;
  let to = 0;
  for (let word = 0; word < words.length; word++) {
    if (words[word] === (old[word] ?? 0n)) continue;
    for (let at = word * 8; at < word * 8 + 8; at++) {
      if (bytes[at] === (before[at] ?? 0)) continue;
      if (from >= 0 && at - to >= gap) {
        runs.push({ from, to });
        from = -1;
      }
      if (from < 0) from = at;
      to = at + 1;
    }
  }
  if (from >= 0) runs.push({ from, to });
  return runs;
}
