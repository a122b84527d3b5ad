/** Follows control through one function during weaving: which code is reachable, and how paths agree where they join. */
import type { Account, State } from './account.ts';
import type { Label } from './labels.ts';

import { copyState, newState } from './account.ts';
import { OP } from '../format/actions.ts';
import { CALL_WEIGHT, CHECK_EVERY, SIZED_WEIGHT } from '../cost.ts';
import { LABEL } from '../scan/events.ts';
import { Labels, OWN } from './labels.ts';

export class Flow {
  readonly labels = new Labels();
  /** Whether the code at this point is reachable. */
  live = true;
  readonly #account: Account;
  readonly #state: State;
  /** Whether the function takes the budget as a parameter: then its own label is a block that expects the local. */
  #threaded = false;

  constructor(account: Account) {
    this.#account = account;
    this.#state = account.state;
  }

  begin(threaded: boolean): void {
    this.#threaded = threaded;
    this.labels.depth = 0;
    this.live = true;
    copyState(newState(), this.#state);
    // A threaded function gets its budget in the local.
    this.#state.valid = threaded;
    this.#state.dirty = threaded;
  }

  /** Enters a block. `type`: the first byte of its block type; `flags` and `ahead`: see {@link Labels.open}. */
  open(slot: number, flags: number, ahead: number, type: number): void {
    const state = this.#state;
    const label = this.labels.open(slot, flags, ahead, type, state);
    if (slot === OP.loop) {
      this.arrive(label);
      state.valid = label.valid;
      state.dirty = label.valid;
      // Forces a check in the first piece of the loop.
      state.since = CHECK_EVERY + 1;
    } else if (slot === OP.if && (flags & LABEL.hasElse) === 0) {
      // The path that skips the body has no code in which to settle.
      this.arrive(label);
      copyState(state, label.before);
    }
  }

  /** Settles the state required by a label, and merges this path into it. */
  arrive(label: Label): void {
    const state = this.#state;
    if (label.slot === OWN && !this.#threaded) {
      this.#account.flush();
      return;
    }
    if (label.valid) this.#account.settle(label.owed);
    else this.#account.flush();
    if (label.slot === OP.loop) return;
    label.reached = true;
    label.dirty ||= state.dirty;
    label.checked &&= state.checked;
    if (state.since > label.since) label.since = state.since;
  }

  /** Arrives at all labels of a br_table. */
  arriveAtAll(labels: readonly Label[]): void {
    // They expect nothing owed. If one needs the global written, it is written for all.
    const leaves = !this.#threaded && labels.some(({ slot }) => slot === OWN);
    if (leaves || labels.some(({ valid }) => !valid)) this.#account.flush();
    this.#account.settle(0);
    for (const label of labels) this.arrive(label);
  }

  /** Whether a conditional branch is better settled on the taken path only, which keeps the other free of extra code. */
  settlesAside(label: Label): boolean {
    const state = this.#state;
    const isSettled = label.valid && state.valid && state.owed === label.owed;
    // A loop is usually repeated rather than left, except perhaps if each iteration contains a call.
    const isAside =
      label.slot !== OWN && (label.slot !== OP.loop || (label.flags & LABEL.calls) !== 0);
    return !isSettled && isAside && label.isVoid;
  }

  /** Ends an arm of the innermost `if` or `try`. */
  endArm(): void {
    if (this.live) this.arrive(this.labels.at(0));
  }

  enterElse(): void {
    copyState(this.labels.at(0).before, this.#state);
    this.live = true;
  }

  enterCatch(): void {
    const state = this.#state;
    const { before } = this.labels.at(0);
    state.owed = 0;
    state.valid = false;
    state.dirty = false;
    state.checked = before.checked;
    state.since = before.since + SIZED_WEIGHT;
    this.live = true;
  }

  /** Leaves the innermost block. `joins`: paths join at its end. `own`: it is the function itself. */
  close(joins: boolean, own: boolean): void {
    const label = this.labels.at(0);
    if (own || joins) {
      if (this.live) this.arrive(label);
      this.live = label.reached;
      copyState(label, this.#state);
    }
    this.labels.depth--;
  }

  /** After a call, which may have changed the global. */
  afterCall(): void {
    this.#state.valid = false;
    this.#state.since += CALL_WEIGHT;
  }
}
