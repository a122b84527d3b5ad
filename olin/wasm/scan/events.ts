/** The events that the scan of a function records for the weaver, in code order. */

/** Kinds of events. */
export const EVENT = {
  /** A straight piece begins. `a`: its cost. `b`: {@link PIECE}. */
  piece: 0,
  /** `a`: slot of block, loop, if, try, try_table. `b`: {@link LABEL}. `c`: the cost of the piece after its label. */
  open: 1,
  else: 2,
  /** catch or catch_all. */
  catch: 3,
  /** end or delegate. `a`: 1 if paths join here. `b`: 1 for the end of the function. */
  end: 4,
  /** br. `a`: the label's depth. */
  branch: 5,
  /** br_if, br_on_null, …: `a`: the label's depth. */
  branchIf: 6,
  /** br_table. */
  branchTable: 7,
  /** unreachable, throw, indirect tail calls: the following code is unreachable. */
  leave: 8,
  /** An instruction that names a function. `a`: the function's index; `b`: {@link CALL}. */
  function: 9,
  /** call_indirect, call_ref. */
  callOther: 10,
  /** An operation charged by size. `a`: slot. */
  sized: 11,
  /** return. `a`: the depth of the function's own label; `b`: 1 if the code is reachable. */
  return: 12,
  /** In a threaded function, a local whose index changes. `a`: the index. */
  local: 13,
} as const;

export const PIECE = {
  /** It may trap or throw, so the gas charged before it is observable. */
  observable: 1,
  /** It ends with a call. */
  calls: 2,
  /** It may end the function. */
  returns: 4,
} as const;

export const LABEL = {
  /** A branch targets it. */
  targeted: 1,
  /** … with br_table, which cannot settle separately with each of its labels. */
  byTable: 2,
  /** … with a catch clause: the local that caches the budget is stale there. */
  byCatch: 4,
  /** An `if` with an else. */
  hasElse: 8,
  /** The block itself contains a call, so in a loop most iterations have one. */
  calls: 16,
} as const;

export const CALL = { reference: 0, call: 1, tail: 2, itself: 3 } as const;

/** Numbers per event: its kind, start and end of its instruction, `a`, `b`, `c`. */
export const EVENT_WIDTH = 6;
