/**
 * Tracks the gas budget of one function during weaving, and emits the code that updates it.
 *
 * The remaining budget is in a global. Each function caches it in a local, so that a loop counts in a register, and
 * writes it back before any point where it can be observed. Gas that is charged but not yet subtracted from the local
 * (`owed`) is known at weaving time on every path; where paths join, each path settles the difference first. So one
 * subtraction covers several straight pieces, and the global is exact wherever it can be read.
 */
import type { Woven } from './woven.ts';

import { CODE } from '../format/codes.ts';
import { addToGlobal } from '../profile.ts';
import { Writer } from '../format/write.ts';

/** What is known at a point in the code. */
export interface State {
  /** Gas charged but not yet subtracted from the local; negative if gas was subtracted in advance. */
  owed: number;
  /** Whether the local is current (apart from `owed`). */
  valid: boolean;
  /** Whether the global is older than the local. */
  dirty: boolean;
  /** Whether every path to this point has checked the budget since the function was entered. */
  checked: boolean;
  /** Instructions since the last check, along the longest path. */
  since: number;
}

export const newState = (): State => ({
  owed: 0,
  valid: false,
  dirty: false,
  checked: false,
  since: 0,
});

export function copyState(from: State, to: State): void {
  to.owed = from.owed;
  to.valid = from.valid;
  to.dirty = from.dirty;
  to.checked = from.checked;
  to.since = from.since;
}

/** Receives the offset, in the function's body, of a branch that is rarely taken. */
export type HintSink = (offset: number) => void;

export class Account {
  readonly state = newState();
  /** The local that holds the budget. */
  local = 0;
  readonly #out: Writer;
  readonly #woven: Woven;
  readonly #hint: HintSink;

  constructor(out: Writer, woven: Woven, hint: HintSink) {
    this.#out = out;
    this.#woven = woven;
    this.#hint = hint;
  }

  /** Pushes the budget, from the local if it is valid, else from the global. */
  push(): void {
    if (this.state.valid) this.#out.op(CODE.localGet, this.local);
    else this.#out.op(CODE.globalGet, this.#woven.gas);
  }

  /** Pops the budget into the local and the global. */
  popThrough(): void {
    this.#out.op(CODE.localTee, this.local);
    this.#out.op(CODE.globalSet, this.#woven.gas);
    this.state.valid = true;
    this.state.dirty = false;
  }

  /** Pops the budget into the local. */
  pop(): void {
    this.#out.op(CODE.localSet, this.local);
    this.state.valid = true;
    this.state.dirty = true;
  }

  /** Makes the global current. */
  flush(): void {
    const { state } = this;
    if (state.owed !== 0) {
      this.#subtract(state.owed);
      this.popThrough();
    } else if (state.dirty) {
      this.push();
      this.#out.op(CODE.globalSet, this.#woven.gas);
      state.dirty = false;
    }
    state.owed = 0;
  }

  /** Makes the local current, leaving `owed` gas unsubtracted. */
  settle(owed: number): void {
    const { state } = this;
    if (state.owed !== owed) {
      this.#subtract(state.owed - owed);
      this.pop();
    } else if (!state.valid) {
      this.push();
      this.pop();
      state.dirty = false;
    }
    state.owed = owed;
  }

  /** Emits a check that calls the host if the budget is used up. */
  check(): void {
    const out = this.#out;
    this.settle(0);
    this.push();
    out.i64(0);
    out.u8(CODE.i64LtS);
    this.#hint(out.length);
    out.u8(CODE.if);
    out.u8(CODE.void);
    out.op(CODE.localGet, this.local);
    out.op(CODE.call, this.#woven.turn);
    out.op(CODE.localSet, this.local);
    out.u8(CODE.end);
    this.state.checked = true;
    this.state.since = 0;
  }

  /** Subtracts the value of an i32 local from the budget, and adds it to the function's own `counter`, if it has one. */
  chargeLocal(local: number, counter: number | undefined): void {
    const out = this.#out;
    const pushCost = (): void => {
      out.op(CODE.localGet, local);
      out.u8(CODE.i64ExtendI32U);
    };
    this.push();
    pushCost();
    out.u8(CODE.i64Sub);
    this.popThrough();
    if (counter !== undefined) addToGlobal(out, counter, pushCost);
  }

  #subtract(amount: number): void {
    this.push();
    this.#out.i64(amount);
    this.#out.u8(CODE.i64Sub);
  }
}
