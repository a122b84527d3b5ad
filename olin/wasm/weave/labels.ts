/** The labels open at a point of a function, and the budget state that all paths to each label agree on. */
import type { State } from './account.ts';

import { copyState, newState } from './account.ts';
import { CODE } from '../format/codes.ts';
import { SIZED_WEIGHT } from '../cost.ts';
import { LABEL } from '../scan/events.ts';

export interface Label extends State {
  slot: number;
  /** {@link LABEL} */
  flags: number;
  /** Whether a branch to it carries no values. */
  isVoid: boolean;
  /** Whether any path reaches it. */
  reached: boolean;
  /** The state at the start of its block, for `else` and `catch`. */
  readonly before: State;
}

/** The slot of the function's own label. */
export const OWN = -1;
const CANNOT_SETTLE = LABEL.byTable | LABEL.byCatch;

export class Labels {
  depth = 0;
  readonly #labels: Label[] = [];

  /** The label at a depth, 0 the innermost. */
  at(depth: number): Label {
    const label = this.#labels[this.depth - 1 - depth];
    if (label === undefined)
      throw new Error('the scan accepted a branch to a label that does not exist');
    return label;
  }

  /** `ahead`: cost of the piece that follows the label; `state`: the state at the start of the block. */
  open(slot: number, flags: number, ahead: number, type: number, state: State): Label {
    let label = this.#labels[this.depth];
    if (label === undefined) {
      const before = newState();
      label = { ...newState(), slot: 0, flags: 0, isVoid: false, reached: false, before };
      this.#labels.push(label);
    }
    this.depth++;
    copyState(state, label.before);
    label.slot = slot;
    label.flags = flags;
    label.isVoid = type === CODE.void;
    // Every path to a label must settle anyway, so it also subtracts the cost of the piece that follows the label: a loop
    // subtracts once per iteration. Branches that cannot settle with each of their labels arrive with nothing owed.
    label.owed = (flags & CANNOT_SETTLE) !== 0 ? 0 : -ahead;
    // In an exception handler the global is current and the local is stale.
    const caught = (flags & LABEL.byCatch) !== 0;
    label.valid = !caught;
    label.dirty = false;
    label.checked = caught ? state.checked : true;
    label.since = caught ? state.since + SIZED_WEIGHT : 0;
    label.reached = caught;
    return label;
  }
}
