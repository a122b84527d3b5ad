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
import type { Thread, Woven } from './woven.ts';

import { Account, copyState } from './account.ts';
import { CODE } from '../format/codes.ts';
import { CALL_WEIGHT, CHECK_EVERY, SIZED_WEIGHT } from '../cost.ts';
import { readOpcode } from '../format/expression.ts';
import { CALL, EVENT, EVENT_WIDTH, PIECE } from '../scan/events.ts';
import { Flow } from './flow.ts';
import { OWN } from './labels.ts';
import { writeLocals } from './own-locals.ts';
import { addToGlobal } from '../profile.ts';
import { Reader } from '../format/read.ts';
import { isChunked, readSized } from './sized/operation.ts';
import { Writer } from '../format/write.ts';

/** Weaves one function after another, reusing its buffers. */
export class Weave {
  /** The function's new body, starting with its local declarations. */
  readonly out = new Writer(4096);
  readonly #module: Module;
  readonly #woven: Woven;
  readonly #account: Account;
  readonly #state: State;
  readonly #flow: Flow;
  #thread: Thread | undefined;
  /** The global that counts the function's own gas, if the module is profiled. */
  #counter: number | undefined;
  #copied = 0;
  /** The local that holds the size of an array operation. */
  #size = 0;

  constructor(module: Module, woven: Woven, hint: HintSink) {
    this.#module = module;
    this.#woven = woven;
    this.#account = new Account(this.out, woven, hint);
    this.#state = this.#account.state;
    this.#flow = new Flow(this.#account);
  }

  /** Weaves the most recently scanned function, whose body ends at `end`. */
  weave(scan: Scan, end: number, thread?: Thread): void {
    const { out } = this;
    const { events, used, ownLabel } = scan.outline;
    out.length = 0;
    this.#thread = thread;
    this.#counter = this.#woven.profile?.globalOf(scan.index);
    this.#flow.begin(thread !== undefined);
    const { locals } = scan;
    this.#account.local = thread === undefined ? locals.count : locals.params;
    this.#size = locals.count + 1;
    writeLocals(out, this.#module.bytes, scan, thread);
    this.#copied = locals.codeStart;
    this.#flow.labels.open(OWN, ownLabel, 0, 0, this.#state);
    for (let at = 0; at < used; at += EVENT_WIDTH) {
      this.#copyTo(events[at + 1] ?? 0);
      this.#do(events, at);
    }
    this.#copyTo(end);
    if (thread !== undefined) {
      this.#account.push();
      out.u8(CODE.end);
    }
  }

  /** Weaves the event at `at`; the code before it is copied. */
  #do(events: Int32Array, at: number): void {
    const start = events[at + 1] ?? 0;
    const after = events[at + 2] ?? 0;
    const a = events[at + 3] ?? 0;
    const b = events[at + 4] ?? 0;
    const flow = this.#flow;
    switch (events[at]) {
      case EVENT.piece:
        this.#enterPiece(a, b);
        break;
      case EVENT.open:
        flow.open(a, b, events[at + 5] ?? 0, this.#module.bytes[start + 1] ?? 0);
        this.#copyTo(after);
        break;
      case EVENT.else:
        flow.endArm();
        this.#copyTo(after);
        flow.enterElse();
        break;
      case EVENT.catch:
        flow.endArm();
        this.#copyTo(after);
        flow.enterCatch();
        break;
      case EVENT.end:
        flow.close(a === 1, b === 1);
        this.#copyTo(after);
        break;
      case EVENT.branch:
        flow.arrive(flow.labels.at(a));
        flow.live = false;
        break;
      case EVENT.branchIf:
        this.#branchIf(a, start, after);
        break;
      case EVENT.branchTable:
        flow.arriveAtAll(this.#readTargets(start));
        flow.live = false;
        break;
      case EVENT.return:
        this.#return(a, b === 1, after);
        break;
      case EVENT.leave:
        flow.live = false;
        break;
      case EVENT.function:
        this.#nameFunction(start, after, a, b);
        break;
      case EVENT.callOther:
        this.#copyTo(after);
        flow.afterCall();
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

  #copyTo(end: number): void {
    if (end > this.#copied) {
      this.out.copy(this.#module.bytes, this.#copied, end);
      this.#copied = end;
    }
  }

  #enterPiece(cost: number, flags: number): void {
    if (!this.#flow.live) return;
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

  /** Settles the gas owed to the label of a branch, on the taken path only if that is better. */
  #branchIf(depth: number, start: number, after: number): void {
    const flow = this.#flow;
    const label = flow.labels.at(depth);
    if (this.#module.bytes[start] !== CODE.brIf || !flow.settlesAside(label)) {
      flow.arrive(label);
      return;
    }
    const { out } = this;
    const stay = { ...this.#state };
    out.u8(CODE.if);
    out.u8(CODE.void);
    flow.arrive(label);
    out.op(CODE.br, depth + 1);
    out.u8(CODE.end);
    this.#copied = after;
    copyState(stay, this.#state);
  }

  /** The labels of the br_table at `start`. */
  #readTargets(start: number): Label[] {
    const reader = new Reader(this.#module.bytes, start + 1);
    const labels: Label[] = [];
    for (let count = reader.u32(); count >= 0; count--) {
      labels.push(this.#flow.labels.at(reader.u32()));
    }
    return labels;
  }

  #return(depth: number, live: boolean, after: number): void {
    const flow = this.#flow;
    if (this.#thread !== undefined) {
      if (live) flow.arrive(flow.labels.at(depth));
      this.out.op(CODE.br, depth);
      this.#copied = after;
    }
    flow.live = false;
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
    if (call === CALL.call || call === CALL.itself) this.#flow.afterCall();
    if (call === CALL.tail) this.#flow.live = false;
  }

  #sized(slot: number, start: number, after: number): void {
    if (!isChunked(slot)) {
      this.#chargeArray(after);
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
  #chargeArray(after: number): void {
    this.out.op(CODE.localTee, this.#size);
    this.#copyTo(after);
    this.#account.chargeLocal(this.#size, this.#counter);
    this.#state.since += SIZED_WEIGHT;
  }
}
