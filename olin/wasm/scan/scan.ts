/**
 * The first pass over a function: finds its straight pieces and their costs.
 *
 * A straight piece ends where control may leave or join: after a call, a branch, `if`, `return` or another instruction
 * that leaves; at `loop`, `else`, a catch, the `end` of an `if` or a `try`, and the `end` of a block that a branch
 * targets. The weaver processes the recorded events and copies the code between them.
 */
import type { Module } from '../format/module.ts';

import { ACTION, ACTION_OF, OP } from '../format/actions.ts';
import { CompileCost } from './compile-cost.ts';
import { COST, costOfLocals } from '../cost.ts';
import { CALL, EVENT, LABEL, PIECE } from './events.ts';
import { readOpcode, skipBlockType, skipCatch, skipImmediates } from '../format/expression.ts';
import { callOf, readCallType, readLabel, skipPlain } from './immediates.ts';
import { Locals } from './locals.ts';
import { Outline } from './outline.ts';
import { instructionName, MAY_TRAP } from '../format/opcodes.ts';
import { Reader } from '../format/read.ts';
import { changesTable, isChunked, readSized } from '../weave/sized/operation.ts';
import { STACK_EFFECT } from './stack-effects.ts';

const FIRST_PREFIX = 0xfb;
const LAST_PREFIX = 0xfe;

/** Scans one function after another, reusing its buffers. */
export class Scan {
  readonly outline = new Outline();
  readonly locals = new Locals();
  /** Whether an array operation needs a local for its size. */
  sizesArrays = false;
  callsItself = false;
  /** Whether it has tail calls, including dead code. */
  callsTail = false;
  threaded = false;
  /** Whether any function scanned so far changes tables or drops segments, including dead code. */
  isLasting = false;

  /** Index of the most recently scanned function. */
  index = 0;
  readonly #module: Module;
  readonly #compileCost: CompileCost;

  constructor(module: Module) {
    this.#module = module;
    this.#compileCost = new CompileCost(module.types);
  }

  /**
   * Scans the function whose body (including local declarations) is `bytes[start, end)`. With `threaded`, also records
   * what must be rewritten if the function takes its budget as an extra parameter.
   */
  scan(index: number, start: number, end: number, threaded = false): void {
    const module = this.#module;
    const reader = new Reader(module.bytes, start, end, module.types.length);
    this.sizesArrays = false;
    this.callsItself = false;
    this.callsTail = false;
    this.threaded = threaded;
    this.index = index;
    this.locals.read(module, reader, index);
    this.outline.begin(reader.at);
    this.#compileCost.begin(module.functions[index] ?? 0, this.locals.count, end - start);
    this.#scanCode(reader);
    if (!reader.done) throw reader.malformed('a function is longer than what is in it');
    this.#compileCost.checkBounds(index);
  }

  #scanCode(reader: Reader): void {
    const { bytes, end } = reader;
    const { outline } = this;
    const compileCost = this.#compileCost;
    const { functions, globals, tags } = this.#module;
    const { threaded } = this;
    const { count: locals, params } = this.locals;
    let live = true;
    // Number of blocks opened in dead code.
    let dead = 0;
    // Of the current piece; kept in locals while only plain instructions follow.
    let cost = costOfLocals(locals);
    let flags = 0;
    // Of the operand stack.
    let height = 0;
    for (;;) {
      const start = reader.at;
      let opcode = bytes[start] ?? 0;
      if (start >= end) throw reader.malformed('a function ends too early');
      if (opcode < FIRST_PREFIX || opcode > LAST_PREFIX) reader.at = start + 1;
      else opcode = readOpcode(reader);
      cost += COST[opcode] ?? 0;
      flags |= MAY_TRAP[opcode] ?? 0;
      height += STACK_EFFECT[opcode] ?? 0;
      const action = ACTION_OF[opcode];
      if (action === ACTION.nothing) {
        skipPlain(reader, opcode);
        continue;
      }
      if (action === ACTION.local) {
        const index = reader.u32();
        if (index >= locals) throw reader.malformed('a local that does not exist', start);
        if (threaded && index >= params) outline.event(EVENT.local, start, reader.at, index, 0);
        continue;
      }
      outline.cost = cost;
      outline.flags = flags;
      compileCost.height = height;
      switch (action) {
        case ACTION.global:
          if (reader.u32() >= globals.length) {
            throw reader.malformed('a global that does not exist', start);
          }
          break;
        case ACTION.function: {
          const index = reader.u32();
          if (index >= functions.length)
            throw reader.malformed('a function that does not exist', start);
          if (opcode === OP.returnCall) this.callsTail = true;
          if (opcode !== OP.refFunc) {
            compileCost.call(functions[index] ?? 0, opcode === OP.returnCall);
          }
          const call = live ? callOf(opcode, index === this.index) : CALL.reference;
          if (call === CALL.reference) outline.event(EVENT.function, start, reader.at, index, call);
          else outline.call(EVENT.function, start, reader.at, index, call);
          if (call === CALL.itself) this.callsItself = true;
          if (call === CALL.tail) live = false;
          break;
        }
        case ACTION.callOther:
          compileCost.call(readCallType(reader, opcode), false);
          if (live) outline.call(EVENT.callOther, start, reader.at, 0, CALL.call);
          break;
        case ACTION.branchIf: {
          const depth = readLabel(reader, opcode);
          compileCost.branch(depth);
          if (live) outline.branchIf(reader, start, depth);
          break;
        }
        case ACTION.branch: {
          const depth = reader.u32();
          compileCost.branch(depth);
          compileCost.unreachable();
          if (live) outline.branch(reader, start, depth);
          live = false;
          break;
        }
        case ACTION.branchTable: {
          let own = false;
          for (let count = reader.count('labels'); count >= 0; count--) {
            const depth = reader.u32();
            compileCost.branch(depth);
            if (live && outline.note(reader, depth, LABEL.targeted | LABEL.byTable)) own = true;
          }
          compileCost.unreachable();
          if (live) outline.leave(EVENT.branchTable, start, reader.at, own ? PIECE.returns : 0);
          live = false;
          break;
        }
        case ACTION.return:
          compileCost.branch(outline.depth - 1 + dead);
          compileCost.unreachable();
          if (live) outline.endPiece(PIECE.returns);
          if (live || threaded) {
            outline.event(EVENT.return, start, reader.at, outline.depth - 1 + dead, live ? 1 : 0);
          }
          live = false;
          break;
        case ACTION.unreachableAfter: {
          const tail = opcode === OP.returnCallIndirect || opcode === OP.returnCallRef;
          if (tail) compileCost.call(readCallType(reader, opcode), true);
          else {
            skipImmediates(reader, opcode);
            if (opcode !== OP.unreachable) compileCost.callHost();
            compileCost.unreachable();
          }
          if (tail) this.callsTail = true;
          if (live) {
            outline.leave(EVENT.leave, start, reader.at, tail ? PIECE.calls : PIECE.observable);
          }
          live = false;
          break;
        }
        case ACTION.open:
        case ACTION.loop:
        case ACTION.if:
        case ACTION.tryTable: {
          const isTry = opcode === OP.try || opcode === OP.tryTable;
          const before = reader.at;
          skipBlockType(reader);
          if (opcode === OP.tryTable) this.#readCatches(reader, live);
          const after = reader.at;
          reader.at = before;
          compileCost.open(reader, action === ACTION.loop, action !== ACTION.open, isTry);
          reader.at = after;
          if (live) outline.open(opcode, start, reader.at);
          else dead++;
          break;
        }
        case ACTION.else:
        case ACTION.catch:
          if (opcode === OP.else) compileCost.else();
          else compileCost.catch(opcode === OP.catch ? tags[reader.u32()] : undefined);
          if (dead > 0) break;
          outline.nextArm(reader, opcode, start, live);
          live = true;
          break;
        case ACTION.delegate:
        case ACTION.end: {
          if (opcode !== OP.end) reader.u32();
          compileCost.close();
          if (dead > 0) {
            dead--;
            break;
          }
          live = outline.close(reader, opcode, start, live);
          if (outline.depth === 0) return;
          break;
        }
        case ACTION.changesState:
          skipImmediates(reader, opcode);
          this.isLasting = true;
          break;
        case ACTION.refused:
          throw reader.unsupported(instructionName(opcode));
        case ACTION.sized:
          if (isChunked(opcode)) readSized(this.#module, reader, opcode);
          else {
            skipImmediates(reader, opcode);
            this.sizesArrays = true;
          }
          this.isLasting ||= changesTable(opcode);
          compileCost.callHost();
          if (live) outline.event(EVENT.sized, start, reader.at, opcode, 0);
          break;
      }
      cost = outline.cost;
      flags = outline.flags;
      height = compileCost.height;
    }
  }

  /** Reads the clauses of try_table, whose labels are relative to the enclosing block. */
  #readCatches(reader: Reader, live: boolean): void {
    for (let count = reader.count('catches'); count > 0; count--) {
      const depth = skipCatch(reader);
      this.#compileCost.branch(depth);
      if (live) this.outline.note(reader, depth, LABEL.targeted | LABEL.byCatch);
    }
  }
}
