/** Declares the locals of a woven function: its own, then those that woven code uses. */
import type { Scan } from '../scan/scan.ts';
import type { Thread } from './woven.ts';
import type { Writer } from '../format/write.ts';

import { CODE } from '../format/codes.ts';

/**
 * Writes the declarations of the most recently scanned function. The local of the budget follows the function's own; the
 * next one holds the size of an array operation, if there is one. A threaded function gets its budget as a parameter, so
 * it has no local for it; its body becomes a block, so that returns can branch to the code that pushes the budget.
 */
export function writeLocals(
  out: Writer,
  bytes: Uint8Array,
  scan: Scan,
  thread: Thread | undefined,
): void {
  const { groups, groupsStart, codeStart } = scan.locals;
  const own64 = thread === undefined ? 1 : 0;
  const own32 = scan.sizesArrays ? 1 : 0;
  out.u32(groups + own64 + own32);
  out.copy(bytes, groupsStart, codeStart);
  if (own64 > 0) {
    out.u32(1);
    out.u8(CODE.i64);
  }
  if (own32 > 0) {
    out.u32(1);
    out.u8(CODE.i32);
  }
  if (thread !== undefined) {
    out.u8(CODE.block);
    out.u8(thread.blockType);
  }
}
