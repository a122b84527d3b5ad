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
import { CALL, EVENT, EVENT_WIDTH, LABEL, PIECE } from './events.ts';
import { readOpcode, skipBlockType, skipCatch, skipImmediates } from './expression.ts';
import { signatureOf } from './module.ts';
import { instructionName, KIND_OF, MAY_TRAP } from './opcodes.ts';
import { Reader } from './read.ts';
import { readHeapType, readValueType } from './types.ts';

/** In {@link KIND_OF}: an instruction without immediates. */
const KIND_NONE = 1;

/** An open block; what is in dead code has none. */
interface Frame {
  /** Its open event; -1 for the function itself. */
  event: number;
  slot: number;
  /** {@link LABEL} */
  label: number;
  /** Whether an earlier arm of it reaches its end. */
  armLive: boolean;
}

/** Scans one function after another; its buffers are used again. */
export class Scan {
  events = new Int32Array(EVENT_WIDTH * 1024);
  /** Of `events`, how many numbers are used. */
  used = 0;
  /** Where the instructions begin, after the declarations of locals. */
  codeStart = 0;
  /** How many groups of locals are declared, and where the first is. */
  localGroups = 0;
  localGroupsStart = 0;
  /** Parameters and locals. */
  locals = 0;
  /** Whether an operation charged by size needs a local of 32 or of 64 bits. */
  sizes32 = false;
  sizes64 = false;

  readonly #module: Module;
  readonly #frames: Frame[] = [];
  #depth = 0;
  #piece = -1;
  #opening = -1;
  #cost = 0;
  #flags = 0;

  constructor(module: Module) {
    this.#module = module;
  }

  /** Scans the function whose body (declarations of locals first) is `bytes[start, end)`. */
  scan(index: number, start: number, end: number): void {
    const module = this.#module;
    const reader = new Reader(module.bytes, start, end, module.types.length);
    this.used = 0;
    this.#depth = 0;
    this.sizes32 = false;
    this.sizes64 = false;
    this.#readLocals(reader, index);
    this.#push(-1, -1);
    this.#startPiece(reader.at);
    this.#scanCode(reader);
    if (!reader.done) throw reader.malformed('a function is longer than what is in it');
  }

  #readLocals(reader: Reader, index: number): void {
    const module = this.#module;
    const signature = signatureOf(module, module.functions[index]);
    if (signature === undefined) throw reader.malformed(`function ${index} has no type`);
    this.locals = signature.params.length;
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

  #event(kind: number, start: number, end: number, a: number, b: number): number {
    const at = this.used;
    if (at + EVENT_WIDTH > this.events.length) {
      const grown = new Int32Array(this.events.length * 2);
      grown.set(this.events);
      this.events = grown;
    }
    const { events } = this;
    events[at] = kind;
    events[at + 1] = start;
    events[at + 2] = end;
    events[at + 3] = a;
    events[at + 4] = b;
    events[at + 5] = 0;
    this.used = at + EVENT_WIDTH;
    return at;
  }

  /** `opening`: the event of the block whose label leads here; -1 where none does. */
  #startPiece(at: number, opening = -1): void {
    this.#piece = this.#event(EVENT.piece, at, at, 0, 0);
    this.#opening = opening;
    this.#cost = 0;
    this.#flags = 0;
  }

  #endPiece(flags: number): void {
    this.events[this.#piece + 3] = this.#cost;
    this.events[this.#piece + 4] = this.#flags | flags;
    if (this.#opening >= 0) this.events[this.#opening + 5] = this.#cost;
  }

  #push(event: number, opcode: number): void {
    const frame = this.#frames[this.#depth++];
    if (frame === undefined) {
      this.#frames.push({ event, slot: opcode, label: 0, armLive: false });
      return;
    }
    frame.event = event;
    frame.slot = opcode;
    frame.label = 0;
    frame.armLive = false;
  }

  #top(reader: Reader): Frame {
    const frame = this.#frames[this.#depth - 1];
    if (frame === undefined || this.#depth === 0) throw reader.malformed('an `end` too many');
    return frame;
  }

  /** Notes something of a label; gives 1 where that is the function's own. */
  #aim(reader: Reader, depth: number, label: number): number {
    const frame = depth < this.#depth ? this.#frames[this.#depth - 1 - depth] : undefined;
    if (frame === undefined)
      throw reader.malformed(`a branch to a label that is not there (${depth})`);
    frame.label |= label;
    if (frame.event < 0) return 1;
    const { events } = this;
    events[frame.event + 4] = (events[frame.event + 4] ?? 0) | label;
    return 0;
  }

  #scanCode(reader: Reader): void {
    const module = this.#module;
    const functions = module.functions.length;
    const globals = module.globals.length;
    let live = true;
    // Blocks opened in dead code.
    let dead = 0;
    for (;;) {
      const start = reader.at;
      const opcode = readOpcode(reader);
      const immediates = KIND_OF[opcode] ?? 0;
      if (live) {
        this.#cost += COST[opcode] ?? 0;
        this.#flags |= MAY_TRAP[opcode] ?? 0;
      }
      const does = DOES_OF[opcode];
      if (does === 0) {
        if (immediates !== KIND_NONE) skipImmediates(reader, opcode);
        continue;
      }
      switch (does) {
        case DOES.local: {
          const local = reader.u32();
          if (local >= this.locals) throw reader.malformed('a local that is not there', start);
          break;
        }
        case DOES.global: {
          const global = reader.u32();
          if (global >= globals) throw reader.malformed('a global that is not there', start);
          break;
        }
        case DOES.function: {
          const index = reader.u32();
          if (index >= functions) throw reader.malformed('a function that is not there', start);
          if (opcode === OP.refFunc || !live) {
            this.#event(EVENT.function, start, reader.at, index, CALL.reference);
            break;
          }
          this.#endPiece(PIECE.calls);
          this.#aim(reader, 0, LABEL.calls);
          const tail = opcode === OP.returnCall;
          this.#event(EVENT.function, start, reader.at, index, tail ? CALL.tail : CALL.call);
          if (tail) live = false;
          else this.#startPiece(reader.at);
          break;
        }
        case DOES.callOther: {
          skipImmediates(reader, opcode);
          if (!live) break;
          this.#endPiece(PIECE.calls);
          this.#aim(reader, 0, LABEL.calls);
          this.#event(EVENT.callOther, start, reader.at, 0, 0);
          this.#startPiece(reader.at);
          break;
        }
        case DOES.branchIf: {
          const depth = this.#readLabel(reader, opcode);
          if (!live) break;
          const own = this.#aim(reader, depth, LABEL.targeted);
          this.#endPiece(own === 1 ? PIECE.observable : 0);
          this.#event(EVENT.branchIf, start, reader.at, depth, own);
          this.#startPiece(reader.at);
          break;
        }
        case DOES.branch: {
          const depth = reader.u32();
          if (!live) break;
          const own = this.#aim(reader, depth, LABEL.targeted);
          this.#endPiece(own === 1 ? PIECE.observable : 0);
          this.#event(EVENT.branch, start, reader.at, depth, own);
          live = false;
          break;
        }
        case DOES.branchTable: {
          let own = 0;
          for (let count = reader.count('labels'); count >= 0; count--) {
            const depth = reader.u32();
            if (live) own |= this.#aim(reader, depth, LABEL.targeted | LABEL.byTable);
          }
          if (!live) break;
          this.#endPiece(own === 1 ? PIECE.observable : 0);
          this.#event(EVENT.branchTable, start, reader.at, own, 0);
          live = false;
          break;
        }
        case DOES.leave: {
          skipImmediates(reader, opcode);
          if (!live) break;
          const tail = opcode === OP.returnCallIndirect || opcode === OP.returnCallRef;
          this.#endPiece(tail ? PIECE.calls | PIECE.observable : PIECE.observable);
          this.#event(EVENT.leave, start, reader.at, 0, 0);
          live = false;
          break;
        }
        case DOES.open:
        case DOES.loop:
        case DOES.if:
        case DOES.tryTable: {
          skipBlockType(reader);
          if (!live) {
            if (does === DOES.tryTable) this.#readCatches(reader, false);
            dead++;
            break;
          }
          if (does === DOES.tryTable) this.#readCatches(reader, true);
          const splits = does === DOES.loop || does === DOES.if;
          if (splits) this.#endPiece(0);
          const opening = this.#event(EVENT.open, start, reader.at, opcode, 0);
          this.#push(opening, opcode);
          if (splits) this.#startPiece(reader.at, does === DOES.loop ? opening : -1);
          break;
        }
        case DOES.else:
        case DOES.catch: {
          if (does === DOES.catch) skipImmediates(reader, opcode);
          if (dead > 0) break;
          const frame = this.#top(reader);
          if (frame.slot !== (does === DOES.else ? OP.if : OP.try)) {
            throw reader.malformed('an `else` or a `catch` out of place', start);
          }
          if (live) this.#endPiece(0);
          frame.armLive ||= live;
          if (does === DOES.else) {
            if ((frame.label & LABEL.hasElse) !== 0)
              throw reader.malformed('a second `else`', start);
            this.#aim(reader, 0, LABEL.hasElse);
          }
          const event = does === DOES.else ? EVENT.else : EVENT.catch;
          this.#event(event, start, reader.at, 0, 0);
          live = true;
          this.#startPiece(reader.at);
          break;
        }
        case DOES.delegate:
        case DOES.end: {
          if (does === DOES.delegate) reader.u32();
          if (dead > 0) {
            dead--;
            break;
          }
          const frame = this.#top(reader);
          const own = frame.event < 0;
          if (does === DOES.delegate && frame.slot !== OP.try) {
            throw reader.malformed('a `delegate` out of place', start);
          }
          this.#depth--;
          const joins = isJoin(frame);
          if (live && (joins || own)) this.#endPiece(own ? PIECE.observable : 0);
          this.#event(EVENT.end, start, reader.at, joins ? 1 : 0, own ? 1 : 0);
          if (own) return;
          live ||= joins && isReached(frame);
          if (live && joins) this.#startPiece(reader.at, frame.event);
          break;
        }
        case DOES.refused:
          throw reader.unsupported(instructionName(opcode));
        case DOES.sized: {
          const operand = this.#readSized(reader, opcode);
          if (live) this.#event(EVENT.sized, start, reader.at, opcode, operand);
          break;
        }
      }
    }
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
      if (live) this.#aim(reader, depth, LABEL.targeted | LABEL.byCatch);
    }
  }

  /** What the size operand is of: twice the index of the memory or table, plus 1 where it has 64 bits. */
  #readSized(reader: Reader, opcode: number): number {
    const start = reader.at;
    const { memories, tables } = this.#module;
    let index = 0;
    let wide: boolean | undefined = false;
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

/** Whether the `end` of a block is a place where paths join. */
function isJoin(frame: Frame): boolean {
  if (frame.slot === OP.loop) return false;
  return frame.slot === OP.if || frame.slot === OP.try || (frame.label & LABEL.targeted) !== 0;
}

/** Whether its end is reached otherwise than from the code right before. */
function isReached(frame: Frame): boolean {
  if (frame.armLive || (frame.label & LABEL.targeted) !== 0) return true;
  return frame.slot === OP.if && (frame.label & LABEL.hasElse) === 0;
}
