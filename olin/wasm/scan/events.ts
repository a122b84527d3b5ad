/** What the scan of a function notes for the weaver, in the order of the code. */

/** What an event is. */
export const EVENT = {
  /** A straight piece begins. `a`: its cost. `b`: {@link PIECE}. */
  piece: 0,
  /** `a`: slot of block, loop, if, try, try_table. `b`: {@link LABEL}. `c`: the cost of the piece its label leads to. */
  open: 1,
  else: 2,
  /** catch or catch_all. */
  catch: 3,
  /** end or delegate. `a`: 1 where paths join here. */
  end: 4,
  /** br. `a`: the label's depth. */
  branch: 5,
  /** br_if, br_on_null, …: `a`: the label's depth. */
  branchIf: 6,
  /** `a`: 1 where a label is the function's own. */
  branchTable: 7,
  /** unreachable, throw, tail calls by type: what follows is dead. */
  leave: 8,
  /** An instruction that names a function. `a`: the function's index; `b`: {@link CALL}. */
  function: 9,
  /** call_indirect, call_ref. */
  callOther: 10,
  /** Charged by size. `a`: slot. */
  sized: 11,
  /** `a`: the depth of the function's own label; `b`: 1 where it is reached. */
  return: 12,
  /** In a function that hands its budget on, a local whose index moves. `a`: the index. */
  local: 13,
} as const;

export const PIECE = {
  /** It may trap, or throw, so that what is charged by its start can be seen from outside. */
  observable: 1,
  /** It ends with a call. */
  calls: 2,
  /** It may end the function. */
  returns: 4,
} as const;

export const LABEL = {
  /** Some branch aims at it. */
  targeted: 1,
  /** … by br_table, which cannot settle accounts with each of its labels. */
  byTable: 2,
  /** … by a catch clause: the counter's local is stale there. */
  byCatch: 4,
  /** An `if` with an else. */
  hasElse: 8,
  /** Something is called right in the block: in a loop, each round has a call, most likely. */
  calls: 16,
} as const;

export const CALL = { reference: 0, call: 1, tail: 2, itself: 3 } as const;

/** Numbers an event takes: its kind, where its instruction begins and ends, `a`, `b`, `c`. */
export const EVENT_WIDTH = 6;
