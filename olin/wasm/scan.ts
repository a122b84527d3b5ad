/**
 * The first pass over a function: finds its straight pieces and what each costs.
 *
 * A straight piece ends where control may leave it or join it: after a call, a branch, `if`, `return` or anything else
 * that leaves; at `loop`, `else`, a catch, the `end` of an `if` or a `try`, and the `end` of a block some branch aims at.
 * The weaver goes through the events noted here and copies what lies between them.
 */
import type { Module } from './module.ts';

import { DOES, DOES_OF, OP } from './actions.ts';
import { COST } from './cost.ts';
import { CALL, EVENT, LABEL, PIECE } from './events.ts';
import { readOpcode, skipBlockType, skipCatch, skipImmediates } from './expression.ts';
import { signatureOf } from './module.ts';
import { Outline } from './outline.ts';
import { IMMEDIATES } from './instructions.ts';
import { instructionName, KIND_OF, MAY_TRAP } from './opcodes.ts';
import { Reader } from './read.ts';
import { readHeapType, readValueType } from './types.ts';

/** In {@link KIND_OF}: instructions without immediates, and those with a constant. */
const KIND_NONE = IMMEDIATES.indexOf('none') + 1;
const KIND_I32 = IMMEDIATES.indexOf('i32') + 1;

/** Of the instructions charged by size. */
const CHANGES_TABLES: ReadonlySet<number> = new Set([
  OP.tableCopy,
  OP.tableFill,
  OP.tableGrow,
  OP.tableInit,
]);

const FIRST_PREFIX = 0xfb;
const LAST_PREFIX = 0xfe;

/** Scans one function after another; its buffers are used again. */
export class Scan {
  readonly outline = new Outline();
  /** Where the instructions begin, after the declarations of locals. */
  codeStart = 0;
  /** How many groups of locals are declared, and where the first is. */
  localGroups = 0;
  localGroupsStart = 0;
  params = 0;
  /** Parameters and locals. */
  locals = 0;
  /** Whether an operation charged by size needs a local of 32 or of 64 bits. */
  sizes32 = false;
  sizes64 = false;
  callsItself = false;
  /** Whether it has tail calls, in dead code too. */
  callsTail = false;
  threaded = false;
  /** Whether it changes tables or drops segments, in dead code too; of all functions scanned so far. */
  isLasting = false;

  /** Of the function that was scanned last. */
  index = 0;
  readonly #module: Module;

  constructor(module: Module) {
    this.#module = module;
  }

  /**
   * Scans the function whose body (declarations of locals first) is `bytes[start, end)`. With `threaded`, it notes
   * what has to be written anew where the function takes its budget as one more parameter.
   */
  scan(index: number, start: number, end: number, threaded = false): void {
    const module = this.#module;
    const reader = new Reader(module.bytes, start, end, module.types.length);
    this.sizes32 = false;
    this.sizes64 = false;
    this.callsItself = false;
    this.callsTail = false;
    this.threaded = threaded;
    this.index = index;
    this.#readLocals(reader, index);
    this.outline.begin(reader.at);
    this.#scanCode(reader);
    if (!reader.done) throw reader.malformed('a function is longer than what is in it');
  }

  #readLocals(reader: Reader, index: number): void {
    const module = this.#module;
    const signature = signatureOf(module, module.functions[index]);
    if (signature === undefined) throw reader.malformed(`function ${index} has no type`);
    this.params = signature.params.length;
    this.locals = this.params;
    this.localGroups = reader.count('groups of locals');
    this.localGroupsStart = reader.at;
    for (let group = this.localGroups; group > 0; group--) {
      this.locals += reader.u32();
      readValueType(reader);
    }
    // The engines' own bound.
    if (this.locals > 50_000) throw reader.malformed('a function has more than 50000 locals');
    this.codeStart = reader.at;
  }

  #scanCode(reader: Reader): void {
    const { bytes, end } = reader;
    const { outline } = this;
    const { functions, globals } = this.#module;
    const { locals, threaded } = this;
    let live = true;
    // Blocks opened in dead code.
    let dead = 0;
    // Of the piece so far; kept here while nothing but plain instructions come.
    let cost = 0;
    let flags = 0;
    for (;;) {
      const start = reader.at;
      let opcode = bytes[start] ?? 0;
      if (start >= end) throw reader.malformed('a function ends too early');
      if (opcode < FIRST_PREFIX || opcode > LAST_PREFIX) reader.at = start + 1;
      else opcode = readOpcode(reader);
      cost += COST[opcode] ?? 0;
      flags |= MAY_TRAP[opcode] ?? 0;
      const does = DOES_OF[opcode];
      if (does === DOES.nothing) {
        const kind = KIND_OF[opcode];
        if (kind === KIND_I32) reader.skipLeb(5);
        else if (kind !== KIND_NONE) skipImmediates(reader, opcode);
        continue;
      }
      if (does === DOES.local) {
        const index = reader.u32();
        if (index >= locals) throw reader.malformed('a local that is not there', start);
        if (threaded && index >= this.params)
          outline.event(EVENT.local, start, reader.at, index, 0);
        continue;
      }
      outline.cost = cost;
      outline.flags = flags;
      switch (does) {
        case DOES.global:
          if (reader.u32() >= globals.length) {
            throw reader.malformed('a global that is not there', start);
          }
          break;
        case DOES.function: {
          const index = reader.u32();
          if (index >= functions.length)
            throw reader.malformed('a function that is not there', start);
          if (opcode === OP.returnCall) this.callsTail = true;
          const call = live ? this.#callOf(opcode, index) : CALL.reference;
          if (call === CALL.reference) outline.event(EVENT.function, start, reader.at, index, call);
          else this.#call(EVENT.function, start, reader.at, index, call);
          if (call === CALL.tail) live = false;
          break;
        }
        case DOES.callOther:
          skipImmediates(reader, opcode);
          if (live) this.#call(EVENT.callOther, start, reader.at, 0, CALL.call);
          break;
        case DOES.branchIf: {
          const depth = this.#readLabel(reader, opcode);
          if (!live) break;
          const own = outline.note(reader, depth, LABEL.targeted);
          outline.endPiece(own ? PIECE.returns : 0);
          outline.event(EVENT.branchIf, start, reader.at, depth, 0);
          outline.startPiece(reader.at);
          break;
        }
        case DOES.branch: {
          const depth = reader.u32();
          if (!live) break;
          const own = outline.note(reader, depth, LABEL.targeted);
          outline.endPiece(own ? PIECE.returns : 0);
          outline.event(EVENT.branch, start, reader.at, depth, 0);
          live = false;
          break;
        }
        case DOES.branchTable: {
          let own = false;
          for (let count = reader.count('labels'); count >= 0; count--) {
            const depth = reader.u32();
            if (live && outline.note(reader, depth, LABEL.targeted | LABEL.byTable)) own = true;
          }
          if (!live) break;
          outline.endPiece(own ? PIECE.returns : 0);
          outline.event(EVENT.branchTable, start, reader.at, 0, 0);
          live = false;
          break;
        }
        case DOES.return:
          if (live) outline.endPiece(PIECE.returns);
          if (live || threaded) {
            outline.event(EVENT.return, start, reader.at, outline.depth - 1 + dead, live ? 1 : 0);
          }
          live = false;
          break;
        case DOES.leave: {
          skipImmediates(reader, opcode);
          const tail = opcode === OP.returnCallIndirect || opcode === OP.returnCallRef;
          if (tail) this.callsTail = true;
          if (!live) break;
          outline.endPiece(tail ? PIECE.calls : PIECE.observable);
          outline.event(EVENT.leave, start, reader.at, 0, 0);
          live = false;
          break;
        }
        case DOES.open:
        case DOES.loop:
        case DOES.if:
        case DOES.tryTable: {
          skipBlockType(reader);
          if (opcode === OP.tryTable) this.#readCatches(reader, live);
          if (live) outline.open(opcode, start, reader.at);
          else dead++;
          break;
        }
        case DOES.else:
        case DOES.catch:
          if (opcode !== OP.else) skipImmediates(reader, opcode);
          if (dead > 0) break;
          outline.nextArm(reader, opcode, start, live);
          live = true;
          break;
        case DOES.delegate:
        case DOES.end: {
          if (opcode !== OP.end) reader.u32();
          if (dead > 0) {
            dead--;
            break;
          }
          live = outline.close(reader, opcode, start, live);
          if (outline.depth === 0) return;
          break;
        }
        case DOES.lasting:
          skipImmediates(reader, opcode);
          this.isLasting = true;
          break;
        case DOES.refused:
          throw reader.unsupported(instructionName(opcode));
        case DOES.sized: {
          const operand = this.#readSized(reader, opcode);
          if (live) outline.event(EVENT.sized, start, reader.at, opcode, operand);
          break;
        }
      }
      cost = outline.cost;
      flags = outline.flags;
    }
  }

  #callOf(opcode: number, index: number): number {
    if (opcode === OP.refFunc) return CALL.reference;
    if (opcode === OP.returnCall) return CALL.tail;
    return index === this.index ? CALL.itself : CALL.call;
  }

  #call(kind: number, start: number, end: number, index: number, call: number): void {
    const { outline } = this;
    const itself = call === CALL.itself;
    outline.endPiece(PIECE.calls);
    outline.noteCall();
    outline.event(kind, start, end, index, call);
    if (itself) this.callsItself = true;
    if (call !== CALL.tail) outline.startPiece(end);
  }

  #readLabel(reader: Reader, opcode: number): number {
    if (opcode !== OP.castBranch && opcode !== OP.castBranchFail) return reader.u32();
    reader.skip(1);
    const depth = reader.u32();
    readHeapType(reader);
    readHeapType(reader);
    return depth;
  }

  /** The clauses of try_table, whose labels are counted from outside of it. */
  #readCatches(reader: Reader, live: boolean): void {
    for (let count = reader.count('catches'); count > 0; count--) {
      const depth = skipCatch(reader);
      if (live) this.outline.note(reader, depth, LABEL.targeted | LABEL.byCatch);
    }
  }

  /** What the size operand is of: twice the index of the memory or table, plus 1 where it has 64 bits. */
  #readSized(reader: Reader, opcode: number): number {
    const start = reader.at;
    const { memories, tables } = this.#module;
    let index = 0;
    let wide: boolean | undefined = false;
    this.isLasting ||= CHANGES_TABLES.has(opcode);
    switch (opcode) {
      case OP.memoryFill:
      case OP.memoryGrow:
        index = reader.u32();
        wide = memories[index]?.is64;
        break;
      case OP.tableFill:
      case OP.tableGrow:
        index = reader.u32();
        wide = tables[index]?.is64;
        break;
      case OP.memoryCopy: {
        const [to, from] = [memories[reader.u32()], memories[reader.u32()]];
        wide = to && from && to.is64 && from.is64;
        break;
      }
      case OP.tableCopy: {
        const [to, from] = [tables[reader.u32()], tables[reader.u32()]];
        wide = to && from && to.is64 && from.is64;
        break;
      }
      default:
        skipImmediates(reader, opcode);
    }
    if (wide === undefined) throw reader.malformed('a memory or table that is not there', start);
    if (wide) this.sizes64 = true;
    else this.sizes32 = true;
    return index * 2 + (wide ? 1 : 0);
  }
}
