/**
 * The second pass over a function: rewrites it with gas counting woven in (account.ts describes the counting).
 *
 * The budget is checked at each loop header, before the first call on each path through a function, and every
 * CHECK_EVERY instructions of straight code, so the work between two checks is bounded.
 *
 * A function that calls itself may be threaded: it takes the budget as an extra parameter and returns it as an extra
 * result, so that a recursion counts in a register too. The function of the original type then only calls it.
 */
import type { HintSink, State } from './account.ts';
import type { Label } from './labels.ts';
import type { Module } from '../format/module.ts';
import type { Scan } from '../scan/scan.ts';
import type { Woven } from './woven.ts';

import { Account, copyState, newState } from './account.ts';
import { OP } from '../format/actions.ts';
import { CODE } from '../format/codes.ts';
import { CALL_WEIGHT, CHECK_EVERY, SIZE_RATES, SIZED, SIZED_WEIGHT } from '../cost.ts';
import { readOpcode } from '../format/expression.ts';
import { CALL, EVENT, EVENT_WIDTH, LABEL, PIECE } from '../scan/events.ts';
import { Labels, OWN } from './labels.ts';
import { addToGlobal } from '../profile.ts';
import { Reader } from '../format/read.ts';
import { isChunked, readSized } from './sized.ts';
import { Writer } from '../format/write.ts';

/** What the weaver needs to write a threaded function. */
export interface Thread {
  /** Its index in the metered module. */
  readonly index: number;
  /** The block type of its results. */
  readonly blockType: number;
}

/** Weaves one function after another, reusing its buffers. */
export class Weave {
  /** The function's new body, starting with its local declarations. */
  readonly out = new Writer(4096);
  readonly #module: Module;
  readonly #woven: Woven;
  readonly #account: Account;
  readonly #state: State;
  readonly #labels = new Labels();
  #thread: Thread | undefined;
  /** The global that counts the function's own gas, if the module is profiled. */
  #counter: number | undefined;
  #live = true;
  #copied = 0;
  /** The local that holds the size of an array operation. */
  #size = 0;

  constructor(module: Module, woven: Woven, hint: HintSink) {
    this.#module = module;
    this.#woven = woven;
    this.#account = new Account(this.out, woven, hint);
    this.#state = this.#account.state;
  }

  /** Weaves the most recently scanned function, whose body ends at `end`. */
  weave(scan: Scan, end: number, thread?: Thread): void {
    const { out } = this;
    const { events, used, ownLabel } = scan.outline;
    out.length = 0;
    this.#thread = thread;
    this.#counter = this.#woven.profile?.globalOf(scan.index);
    this.#labels.depth = 0;
    this.#live = true;
    copyState(newState(), this.#state);
    this.#writeLocals(scan);
    this.#labels.open(OWN, ownLabel, 0, 0, this.#state);
    for (let at = 0; at < used; at += EVENT_WIDTH) {
      const start = events[at + 1] ?? 0;
      this.#copyTo(start);
      this.#do(
        events[at] ?? 0,
        start,
        events[at + 2] ?? 0,
        events[at + 3] ?? 0,
        events[at + 4] ?? 0,
        events[at + 5] ?? 0,
      );
    }
    this.#copyTo(end);
    if (thread !== undefined) {
      this.#account.push();
      out.u8(CODE.end);
    }
  }

  #do(kind: number, start: number, after: number, a: number, b: number, c: number): void {
    switch (kind) {
      case EVENT.piece:
        this.#enterPiece(a, b);
        break;
      case EVENT.open:
        this.#open(a, b, c, start, after);
        break;
      case EVENT.else:
        if (this.#live) this.#arrive(this.#labels.at(0));
        this.#copyTo(after);
        copyState(this.#labels.at(0).before, this.#state);
        this.#live = true;
        break;
      case EVENT.catch:
        if (this.#live) this.#arrive(this.#labels.at(0));
        this.#copyTo(after);
        this.#enterCatch();
        break;
      case EVENT.end:
        this.#close(a === 1, b === 1);
        this.#copyTo(after);
        break;
      case EVENT.branch:
        this.#arrive(this.#labels.at(a));
        this.#live = false;
        break;
      case EVENT.branchIf:
        this.#branchIf(a, start, after);
        break;
      case EVENT.branchTable:
        this.#branchToAll(start);
        this.#live = false;
        break;
      case EVENT.return:
        this.#return(a, b === 1, after);
        break;
      case EVENT.leave:
        this.#live = false;
        break;
      case EVENT.function:
        this.#nameFunction(start, after, a, b);
        break;
      case EVENT.callOther:
        this.#copyTo(after);
        this.#afterCall();
        break;
      case EVENT.sized:
        this.#sized(a, start, after);
        break;
      case EVENT.local:
        // Locals after the parameters move by one, because the budget is an added parameter.
        this.#copyTo(start + 1);
        this.out.u32(a + 1);
        this.#copied = after;
        break;
    }
  }

  /** Writes the declared locals, then those of the woven code. */
  #writeLocals(scan: Scan): void {
    const { out } = this;
    const threaded = this.#thread !== undefined;
    const own64 = threaded ? 0 : 1;
    const own32 = scan.sizesArrays ? 1 : 0;
    this.#account.local = threaded ? scan.params : scan.locals;
    this.#size = scan.locals + 1;
    out.u32(scan.localGroups + own64 + own32);
    out.copy(this.#module.bytes, scan.localGroupsStart, scan.codeStart);
    if (own64 > 0) {
      out.u32(1);
      out.u8(CODE.i64);
    }
    if (own32 > 0) {
      out.u32(1);
      out.u8(CODE.i32);
    }
    if (this.#thread !== undefined) {
      // Returns become branches out of this block; the budget is then pushed after the results.
      out.u8(CODE.block);
      out.u8(this.#thread.blockType);
      this.#state.valid = true;
      this.#state.dirty = true;
    }
    this.#copied = scan.codeStart;
  }

  #copyTo(end: number): void {
    if (end > this.#copied) {
      this.out.copy(this.#module.bytes, this.#copied, end);
      this.#copied = end;
    }
  }

  #enterPiece(cost: number, flags: number): void {
    if (!this.#live) return;
    const state = this.#state;
    if (this.#counter !== undefined && cost > 0) {
      addToGlobal(this.out, this.#counter, () => this.out.i64(cost));
    }
    state.owed += cost;
    state.since += cost;
    const calls = (flags & PIECE.calls) !== 0;
    // The global is written after the check, so that an engine that inlines the callee can forward the value.
    if ((calls && !state.checked) || state.since > CHECK_EVERY) this.#account.check();
    // Also before a call to itself, which may overflow the stack and trap.
    const returns = (flags & PIECE.returns) !== 0 && this.#thread === undefined;
    if (returns || (flags & (PIECE.observable | PIECE.calls)) !== 0) this.#account.flush();
  }

  #afterCall(): void {
    this.#state.valid = false;
    this.#state.since += CALL_WEIGHT;
  }

  #open(slot: number, flags: number, ahead: number, start: number, after: number): void {
    const state = this.#state;
    const label = this.#labels.open(slot, flags, ahead, this.#module.bytes[start + 1] ?? 0, state);
    if (slot === OP.loop) {
      this.#arrive(label);
      state.valid = label.valid;
      state.dirty = label.valid;
      // Forces a check in the first piece of the loop.
      state.since = CHECK_EVERY + 1;
    } else if (slot === OP.if && (flags & LABEL.hasElse) === 0) {
      // The path that skips the body has no code in which to settle.
      this.#arrive(label);
      copyState(state, label.before);
    }
    this.#copyTo(after);
  }

  /** Settles the state required by a label, and merges this path into it. */
  #arrive(label: Label): void {
    const state = this.#state;
    if (label.slot === OWN && this.#thread === undefined) {
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

  /** Settles with the label: only on the taken path, if that keeps the fall-through path free of extra code. */
  #branchIf(depth: number, start: number, after: number): void {
    const label = this.#labels.at(depth);
    const state = this.#state;
    const isSettled = label.valid && state.valid && state.owed === label.owed;
    // A loop is usually repeated rather than left, except perhaps if each iteration contains a call.
    const isAside =
      label.slot !== OWN && (label.slot !== OP.loop || (label.flags & LABEL.calls) !== 0);
    const isPlain = this.#module.bytes[start] === CODE.brIf && label.isVoid;
    if (isSettled || !isAside || !isPlain) {
      this.#arrive(label);
      return;
    }
    const { out } = this;
    const stay = { ...state };
    out.u8(CODE.if);
    out.u8(CODE.void);
    this.#arrive(label);
    out.op(CODE.br, depth + 1);
    out.u8(CODE.end);
    this.#copied = after;
    copyState(stay, state);
  }

  #branchToAll(start: number): void {
    const reader = new Reader(this.#module.bytes, start + 1);
    const labels: Label[] = [];
    for (let count = reader.u32(); count >= 0; count--) labels.push(this.#labels.at(reader.u32()));
    // All labels of a br_table expect nothing owed. If one needs the global written, it is written for all.
    const leaves = this.#thread === undefined && labels.some(({ slot }) => slot === OWN);
    if (leaves || labels.some(({ valid }) => !valid)) this.#account.flush();
    this.#account.settle(0);
    for (const label of labels) this.#arrive(label);
  }

  #return(depth: number, live: boolean, after: number): void {
    if (this.#thread === undefined) {
      this.#live = false;
      return;
    }
    if (live) {
      this.#arrive(this.#labels.at(depth));
      this.#live = false;
    }
    this.out.op(CODE.br, depth);
    this.#copied = after;
  }

  #enterCatch(): void {
    const state = this.#state;
    const { before } = this.#labels.at(0);
    state.owed = 0;
    state.valid = false;
    state.dirty = false;
    state.checked = before.checked;
    state.since = before.since + SIZED_WEIGHT;
    this.#live = true;
  }

  #close(joins: boolean, own: boolean): void {
    const label = this.#labels.at(0);
    if (own || joins) {
      if (this.#live) this.#arrive(label);
      this.#live = label.reached;
      copyState(label, this.#state);
    }
    this.#labels.depth--;
  }

  #nameFunction(start: number, after: number, index: number, call: number): void {
    const thread = this.#thread;
    if (call === CALL.itself && thread !== undefined) {
      this.#account.push();
      this.out.op(CODE.call, thread.index);
      this.#account.pop();
      this.#state.since += CALL_WEIGHT;
      this.#copied = after;
      return;
    }
    const moved = this.#woven.movedFunction(index);
    if (moved === index) this.#copyTo(after);
    else {
      this.#copyTo(start + 1);
      this.out.u32(moved);
      this.#copied = after;
    }
    if (call === CALL.call || call === CALL.itself) this.#afterCall();
    if (call === CALL.tail) this.#live = false;
  }

  #sized(slot: number, start: number, after: number): void {
    if (!isChunked(slot)) {
      this.#chargeArray(slot, after);
      return;
    }
    const reader = new Reader(this.#module.bytes, start, after);
    readOpcode(reader);
    const operation = readSized(this.#module, reader, slot);
    this.out.op(CODE.call, this.#woven.sized(operation, this.#counter));
    this.#copied = after;
    // The generated function ends with a check of the budget.
    this.#state.valid = false;
    this.#state.checked = true;
    this.#state.since = 0;
  }

  /** Charges an array operation by its size, after it has run. */
  #chargeArray(slot: number, after: number): void {
    const { out } = this;
    const rate = SIZE_RATES[(SIZED[slot] ?? 0) - 1];
    if (rate === undefined) return;
    out.op(CODE.localTee, this.#size);
    this.#copyTo(after);
    const pushCost = (): void => {
      out.op(CODE.localGet, this.#size);
      out.u8(CODE.i64ExtendI32U);
    };
    this.#account.push();
    pushCost();
    out.u8(CODE.i64Sub);
    this.#account.popThrough();
    if (this.#counter !== undefined) addToGlobal(out, this.#counter, pushCost);
    this.#state.since += SIZED_WEIGHT;
  }
}
