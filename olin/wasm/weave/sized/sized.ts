/**
 * Generates the functions that replace bulk operations, whose work depends on an operand (`memory.copy`, `table.fill`, …).
 *
 * A long operation runs in chunks, and each chunk is charged before it runs, so that the guest stops close to its limit
 * and the host gets its turns in between. The guest cannot tell: an operation that would trap does so before anything is
 * written, without a charge for its size, and an overlapping copy runs in the direction that preserves unread data.
 * A turn may suspend the guest between chunks, but nothing else accesses its memories and tables meanwhile.
 */
import type { Module } from '../../format/module.ts';

import { OP } from '../../format/actions.ts';
import type { SizedContext, SizedFunction } from './emitter.ts';
import { makeMemoryGrowth, makeTableGrowth } from './growth.ts';
import type { SizedOperation } from './operation.ts';
import { makeRange } from './range.ts';

export function makeSized(
  module: Module,
  operation: SizedOperation,
  context: SizedContext,
): SizedFunction {
  switch (operation.slot) {
    case OP.memoryGrow:
      return makeMemoryGrowth(module, operation, context);
    case OP.tableGrow:
      return makeTableGrowth(module, operation, context);
    default:
      return makeRange(module, operation, context);
  }
}
