/**
 * The second pass over a function: writes it anew with the counting woven in.
 *
 * The budget left stands in a global. A function keeps it in a local, so that a loop counts in a register, and writes it
 * through wherever it could be seen from outside: before what may trap, before calls, at the end of the function. What is
 * owed but not taken from the local yet is known here, at weaving time, along every path (`owed`); where paths join,
 * each settles the difference first. So one subtraction serves several straight pieces, and the account is exact at
 * every point where anyone can look.
 *
 * The budget is checked at each loop header, before the first call on each path through a function, and every
 * CHECK_EVERY instructions along straight code: nothing runs without end between two checks.
 */
import type { Module } from './module.ts';
import type { Scan } from './scan.ts';
import type { Woven } from './woven.ts';

import { OP } from './actions.ts';
import { CALL_WEIGHT, CHECK_EVERY, SIZE_RATES, SIZED, SIZED_WEIGHT } from './cost.ts';
import { CALL, EVENT, EVENT_WIDTH, LABEL, PIECE } from './events.ts';
import { Reader } from './read.ts';
import { Writer } from './write.ts';

/** Where in a function's body a check branches, which is seldom taken. */
export type HintSink = (offset: number) => void;

/** What is known at a point of the code. */
interface State {
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

interface Label extends State {
  slot: number;
  void: boolean;
  /** {@link LABEL} */
  flags: number;
  /** Whether any path has arrived. */
  reached: boolean;
  /** The state at its beginning, for `else` and `catch`. */
  readonly before: State;
}

const newState = (): State => ({ owed: 0, valid: false, dirty: false, checked: false, since: 0 });

function copyState(from: State, to: State): void {
  to.owed = from.owed;
  to.valid = from.valid;
  to.dirty = from.dirty;
  to.checked = from.checked;
  to.since = from.since;
}

const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const GLOBAL_GET = 0x23;
const GLOBAL_SET = 0x24;
const I32_CONST = 0x41;
const I64_CONST = 0x42;
const I32_NE = 0x47;
const I64_LT_S = 0x53;
const I64_NE = 0x52;
const I64_SUB = 0x7d;
const I64_SHL = 0x86;
const I64_SHR_U = 0x88;
const I64_MUL = 0x7e;
const I64_EXTEND_I32_U = 0xad;
const IF = 0x04;
const END = 0x0b;
const CALL_OP = 0x10;
const VOID = 0x40;
const TYPE_I32 = 0x7f;
const TYPE_I64 = 0x7e;

/** Weaves one function after another; its buffers are used again. */
export class Weave {
  /** The function's new body, declarations of locals first. */
  readonly out = new Writer(4096);
  readonly #module: Module;
  readonly #woven: Woven;
  readonly #hint: HintSink;
  readonly #labels: Label[] = [];
  #depth = 0;
  #state: State = newState();
  #live = true;
  #copied = 0;
  /** Locals of the woven code: the budget; a size of 32 and of 64 bits, each with the result of a growth after it. */
  #budget = 0;
  #size32 = 0;
  #size64 = 0;

  constructor(module: Module, woven: Woven, hint: HintSink) {
    this.#module = module;
    this.#woven = woven;
    this.#hint = hint;
  }

  /** Weaves the function that was scanned last, whose body ends at `end`. */
  weave(scan: Scan, end: number): void {
    const { out } = this;
    const { events } = scan;
    out.length = 0;
    this.#writeLocals(scan);
    this.#copied = scan.codeStart;
    this.#depth = 0;
    this.#live = true;
    copyState(newState(), this.#state);
    this.#openLabel(-1, 0, 0);
    for (let at = 0; at < scan.used; at += EVENT_WIDTH) {
      const start = events[at + 1] ?? 0;
      const after = events[at + 2] ?? 0;
      const a = events[at + 3] ?? 0;
      const b = events[at + 4] ?? 0;
      this.#copyTo(start);
      switch (events[at]) {
        case EVENT.piece:
          this.#enterPiece(a, b);
          break;
        case EVENT.open:
          this.#open(a, b, events[at + 5] ?? 0, start, after);
          break;
        case EVENT.else:
          this.#leaveArm();
          this.#copyTo(after);
          copyState(this.#label(0).before, this.#state);
          this.#live = true;
          break;
        case EVENT.catch:
          this.#leaveArm();
          this.#copyTo(after);
          this.#enterCatch();
          break;
        case EVENT.end:
          this.#close(a === 1, b === 1, after);
          break;
        case EVENT.branch:
          this.#branchTo(a);
          this.#live = false;
          break;
        case EVENT.branchIf:
          this.#branchIf(a, start, after);
          break;
        case EVENT.branchTable:
          this.#branchToAll(start);
          this.#live = false;
          break;
        case EVENT.leave:
          this.#live = false;
          break;
        case EVENT.function:
          this.#nameFunction(start, after, a);
          if (b === CALL.call) this.#afterCall();
          if (b === CALL.tail) this.#live = false;
          break;
        case EVENT.callOther:
          this.#copyTo(after);
          this.#afterCall();
          break;
        case EVENT.sized:
          this.#chargeSize(a, b, after);
          break;
      }
    }
    this.#copyTo(end);
  }

  /** The declared locals, then those of the woven code. */
  #writeLocals(scan: Scan): void {
    const { out } = this;
    this.#budget = scan.locals;
    this.#size64 = scan.locals + 1;
    this.#size32 = scan.locals + (scan.sizes64 ? 3 : 1);
    out.u32(scan.localGroups + (scan.sizes32 ? 2 : 1));
    out.copy(this.#module.bytes, scan.localGroupsStart, scan.codeStart);
    out.u32(scan.sizes64 ? 3 : 1);
    out.u8(TYPE_I64);
    if (scan.sizes32) {
      out.u32(2);
      out.u8(TYPE_I32);
    }
  }

  #copyTo(end: number): void {
    if (end > this.#copied) {
      this.out.copy(this.#module.bytes, this.#copied, end);
      this.#copied = end;
    }
  }

  #op(opcode: number, index: number): void {
    this.out.u8(opcode);
    this.out.u32(index);
  }

  #constant(value: number): void {
    this.out.u8(I64_CONST);
    this.out.signed(value);
  }

  /** Takes what is owed from the local; with `through`, writes the global too. */
  #pay(amount: number, through: boolean): void {
    const state = this.#state;
    if (state.valid) this.#op(LOCAL_GET, this.#budget);
    else this.#op(GLOBAL_GET, this.#woven.gas);
    if (amount !== 0) {
      this.#constant(amount);
      this.out.u8(I64_SUB);
    }
    if (!through) this.#op(LOCAL_SET, this.#budget);
    else {
      if (amount !== 0 || !state.valid) this.#op(LOCAL_TEE, this.#budget);
      this.#op(GLOBAL_SET, this.#woven.gas);
    }
    state.valid = true;
    state.dirty = !through;
  }

  /** Makes the global right. */
  #flush(): void {
    const state = this.#state;
    if (state.owed !== 0 || state.dirty) this.#pay(state.owed, true);
    state.owed = 0;
  }

  /** Makes the local right, with `owed` still owed. */
  #settle(owed: number): void {
    const state = this.#state;
    if (state.owed !== owed) this.#pay(state.owed - owed, false);
    else if (!state.valid) {
      this.#op(GLOBAL_GET, this.#woven.gas);
      this.#op(LOCAL_SET, this.#budget);
      state.valid = true;
    }
    state.owed = owed;
  }

  #enterPiece(cost: number, flags: number): void {
    if (!this.#live) return;
    const state = this.#state;
    state.owed += cost;
    state.since += cost;
    const calls = (flags & PIECE.calls) !== 0 && !state.checked;
    // The global is written after the check, so that an engine which inlines the callee knows what it reads there.
    if (calls || state.since > CHECK_EVERY) this.#check();
    if ((flags & (PIECE.observable | PIECE.calls)) !== 0) this.#flush();
  }

  /** Gives the host a turn where the budget is used up. */
  #check(): void {
    const { out } = this;
    this.#settle(0);
    this.#op(LOCAL_GET, this.#budget);
    this.#constant(0);
    out.u8(I64_LT_S);
    this.#hint(out.length);
    out.u8(IF);
    out.u8(VOID);
    this.#op(LOCAL_GET, this.#budget);
    this.#op(CALL_OP, this.#woven.turn);
    this.#op(LOCAL_SET, this.#budget);
    out.u8(END);
    this.#state.checked = true;
    this.#state.since = 0;
  }

  #afterCall(): void {
    this.#state.valid = false;
    this.#state.since += CALL_WEIGHT;
  }

  #label(depth: number): Label {
    const label = this.#labels[this.#depth - 1 - depth];
    if (label === undefined) throw new Error('the scan let a branch to nowhere through');
    return label;
  }

  /** `ahead`: what the piece costs that the label leads to. */
  #openLabel(slot: number, flags: number, ahead: number): Label {
    let label = this.#labels[this.#depth];
    if (label === undefined) {
      label = {
        ...newState(),
        void: false,
        slot: 0,
        flags: 0,
        reached: false,
        before: newState(),
      };
      this.#labels.push(label);
    }
    this.#depth++;
    copyState(this.#state, label.before);
    label.slot = slot;
    label.flags = flags;
    // Every path to a label takes the cost of the piece there ahead, since it has to settle anyway: a loop subtracts once
    // a round. Branches that cannot settle with each of their labels agree on nothing owed.
    label.owed = (flags & (LABEL.byTable | LABEL.byCatch)) !== 0 ? 0 : -ahead;
    label.valid = true;
    label.dirty = false;
    label.checked = true;
    label.since = 0;
    label.reached = false;
    if ((flags & LABEL.byCatch) !== 0) {
      label.valid = false;
      label.checked = this.#state.checked;
      label.since = this.#state.since + SIZED_WEIGHT;
      label.reached = true;
    }
    return label;
  }

  #open(slot: number, flags: number, ahead: number, start: number, after: number): void {
    const state = this.#state;
    if (slot === OP.loop) {
      const label = this.#openLabel(slot, flags, ahead);
      label.void = this.#module.bytes[start + 1] === VOID;
      this.#settle(label.owed);
      if (!label.valid) this.#flush();
      this.#copyTo(after);
      state.valid = label.valid;
      state.dirty = label.valid;
      // So that the first piece checks.
      state.since = CHECK_EVERY + 1;
      return;
    }
    const label = this.#openLabel(slot, flags, ahead);
    label.void = this.#module.bytes[start + 1] === VOID;
    if (slot === OP.if && (flags & LABEL.hasElse) === 0) {
      // The path that skips the body has no place of its own to settle in.
      this.#arrive(label);
      copyState(state, label.before);
    }
    this.#copyTo(after);
  }

  /** Settles with a label and adds this path to those that reach it. */
  #arrive(label: Label): void {
    const state = this.#state;
    if (label.slot < 0) {
      this.#flush();
      return;
    }
    if (label.valid) this.#settle(label.owed);
    else this.#flush();
    if (label.slot === OP.loop) return;
    label.reached = true;
    label.dirty ||= state.dirty;
    label.checked &&= state.checked;
    if (state.since > label.since) label.since = state.since;
  }

  #branchTo(depth: number): void {
    this.#arrive(this.#label(depth));
  }

  #branchIf(depth: number, start: number, after: number): void {
    const label = this.#label(depth);
    const state = this.#state;
    const apart =
      label.slot >= 0 && (label.slot !== OP.loop || (label.flags & LABEL.calls) !== 0);
    const settled = label.valid ? state.valid && state.owed === label.owed : false;
    if (!apart || settled || !label.void || this.#module.bytes[start] !== 0x0d) {
      this.#branchTo(depth);
      return;
    }
    const { out } = this;
    const stay = newState();
    copyState(state, stay);
    out.u8(IF);
    out.u8(VOID);
    this.#arrive(label);
    out.u8(0x0c);
    out.u32(depth + 1);
    out.u8(END);
    this.#copied = after;
    copyState(stay, state);
  }

  #branchToAll(start: number): void {
    const reader = new Reader(this.#module.bytes, start + 1);
    const depths: Label[] = [];
    for (let count = reader.u32(); count >= 0; count--) depths.push(this.#label(reader.u32()));
    // All of them agree on nothing owed. One that needs the global written has it written for all.
    if (depths.some((label) => label.slot < 0 || !label.valid)) this.#flush();
    this.#settle(0);
    for (const label of depths) this.#arrive(label);
  }

  /** The end of an arm that `else` or a catch follows. */
  #leaveArm(): void {
    if (this.#live) this.#arrive(this.#label(0));
  }

  /** Calls write the global through, so that a handler finds it right, and the local stale. */
  #enterCatch(): void {
    const state = this.#state;
    const { before } = this.#label(0);
    state.owed = 0;
    state.valid = false;
    state.dirty = false;
    state.checked = before.checked;
    state.since = before.since + SIZED_WEIGHT;
    this.#live = true;
  }

  #close(joins: boolean, own: boolean, after: number): void {
    const label = this.#label(0);
    if (own) {
      if (this.#live) this.#flush();
    } else if (joins) {
      if (this.#live) this.#arrive(label);
      this.#live = label.reached;
      copyState(label, this.#state);
    }
    this.#depth--;
    this.#copyTo(after);
  }

  #nameFunction(start: number, after: number, index: number): void {
    const { shiftFrom, shift } = this.#woven;
    if (index >= shiftFrom) {
      this.#copyTo(start + 1);
      this.out.u32(index + shift);
      this.#copied = after;
    } else this.#copyTo(after);
  }

  /** Charges by size once the operation is done; a growth is asked for first and charged where it succeeds. */
  #chargeSize(slot: number, operand: number, after: number): void {
    const { out } = this;
    const rate = SIZE_RATES[(SIZED[slot] ?? 0) - 1];
    if (rate === undefined || !this.#live) return;
    const wide = operand % 2 === 1;
    const size = wide ? this.#size64 : this.#size32;
    const result = size + 1;
    const grows = slot === OP.memoryGrow || slot === OP.tableGrow;
    if (grows) {
      const space = slot === OP.memoryGrow ? 'memory' : 'table';
      this.#op(CALL_OP, this.#woven.grower(space, (operand - (operand % 2)) / 2));
    }
    this.#op(LOCAL_TEE, size);
    this.#copyTo(after);
    if (grows) this.#op(LOCAL_TEE, result);
    this.#settle(this.#state.owed);
    this.#op(LOCAL_GET, this.#budget);
    this.#op(LOCAL_GET, size);
    if (!wide) out.u8(I64_EXTEND_I32_U);
    if (rate.shift !== 0) {
      this.#constant(Math.abs(rate.shift));
      out.u8(rate.shift > 0 ? I64_SHR_U : I64_SHL);
    }
    if (grows) {
      this.#op(LOCAL_GET, result);
      out.u8(wide ? I64_CONST : I32_CONST);
      out.signed(-1);
      out.u8(wide ? I64_NE : I32_NE);
      out.u8(I64_EXTEND_I32_U);
      out.u8(I64_MUL);
    }
    out.u8(I64_SUB);
    this.#op(LOCAL_TEE, this.#budget);
    this.#op(GLOBAL_SET, this.#woven.gas);
    this.#state.since += SIZED_WEIGHT;
  }
}
