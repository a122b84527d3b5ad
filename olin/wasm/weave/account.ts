/**
 * The account of one function while it is woven, and the code that keeps it.
 *
 * The budget left stands in a global. A function keeps it in a local, so that a loop counts in a register, and writes it
 * through wherever it could be seen from outside. What is owed but not taken from the local yet is known here, at
 * weaving time, along every path; where paths join, each settles the difference first. So one subtraction serves
 * several straight pieces, and the account is exact at every point where anyone can look.
 */
import type { Woven } from './woven.ts';

import { CODE } from '../format/codes.ts';
import { Writer } from '../format/write.ts';

/** What is known at a point of the code. */
export interface State {
  /** Gas charged by now that the local does not show yet; below 0: what was taken ahead. */
  owed: number;
  /** Whether the local is right (apart from `owed`). */
  valid: boolean;
  /** Whether the global lags behind the local. */
  dirty: boolean;
  /** Whether every path to here has checked the budget since the function was entered. */
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

/** Where in a function's body a check branches, which is seldom taken. */
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

  /** The budget onto the stack, from where it is right. */
  push(): void {
    if (this.state.valid) this.#out.op(CODE.localGet, this.local);
    else this.#out.op(CODE.globalGet, this.#woven.gas);
  }

  /** The budget from the stack into the local and the global. */
  popThrough(): void {
    this.#out.op(CODE.localTee, this.local);
    this.#out.op(CODE.globalSet, this.#woven.gas);
    this.state.valid = true;
    this.state.dirty = false;
  }

  /** The budget from the stack into the local. */
  pop(): void {
    this.#out.op(CODE.localSet, this.local);
    this.state.valid = true;
    this.state.dirty = true;
  }

  /** Makes the global right. */
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

  /** Makes the local right, with `owed` still owed. */
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

  /** Gives the host a turn where the budget is used up. */
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

  #subtract(amount: number): void {
    this.push();
    this.#out.i64(amount);
    this.#out.u8(CODE.i64Sub);
  }
}
