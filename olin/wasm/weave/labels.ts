/** The labels that are open while a function is woven, and what their paths have agreed on. */
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
  /** Whether any path has arrived. */
  reached: boolean;
  /** The state at its beginning, for `else` and `catch`. */
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
    if (label === undefined) throw new Error('the scan let a branch to nowhere through');
    return label;
  }

  /** `ahead`: what the piece costs that the label leads to; `state`: what is known where its block begins. */
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
    // Every path to a label takes the cost of the piece there ahead, since it has to settle anyway: a loop subtracts once
    // a round. Branches that cannot settle with each of their labels agree on nothing owed.
    label.owed = (flags & CANNOT_SETTLE) !== 0 ? 0 : -ahead;
    // A handler finds the global right, and the local stale.
    const caught = (flags & LABEL.byCatch) !== 0;
    label.valid = !caught;
    label.dirty = false;
    label.checked = caught ? state.checked : true;
    label.since = caught ? state.since + SIZED_WEIGHT : 0;
    label.reached = caught;
    return label;
  }
}
