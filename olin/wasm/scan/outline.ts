/** Records the straight pieces and blocks of a function as a list of events. */
import type { Reader } from '../format/read.ts';

import { OP } from '../format/actions.ts';
import { CALL, EVENT, EVENT_WIDTH, LABEL, PIECE } from './events.ts';

/** An open block. Blocks in dead code have no frame. */
interface Frame {
  /** Offset of its open event; -1 for the function itself. */
  event: number;
  slot: number;
  /** {@link LABEL} */
  label: number;
  /** Whether an earlier arm reaches its end. */
  armLive: boolean;
}

/** Filled while a function is scanned; reset for each function. */
export class Outline {
  events = new Int32Array(EVENT_WIDTH * 1024);
  /** Number of used entries of `events`. */
  used = 0;
  /** Cost so far and {@link PIECE} flags of the current piece. */
  cost = 0;
  flags = 0;
  /** {@link LABEL} flags of the function's own label. */
  ownLabel = 0;
  /** Number of open blocks, including the function itself. */
  depth = 0;
  readonly #frames: Frame[] = [];
  #piece = -1;
  #opening = -1;

  /** Begins a function whose first instruction is at `at`. */
  begin(at: number): void {
    this.used = 0;
    this.depth = 0;
    this.ownLabel = 0;
    this.#push(-1, -1);
    this.startPiece(at);
  }

  event(kind: number, start: number, end: number, a: number, b: number): number {
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

  /** `opening`: the open event of the block whose label leads here; -1 if there is none. */
  startPiece(at: number, opening = -1): void {
    this.#piece = this.event(EVENT.piece, at, at, 0, 0);
    this.#opening = opening;
    this.cost = 0;
    this.flags = 0;
  }

  endPiece(flags: number): void {
    this.events[this.#piece + 3] = this.cost;
    this.events[this.#piece + 4] = this.flags | flags;
    if (this.#opening >= 0) this.events[this.#opening + 5] = this.cost;
  }

  #push(event: number, opcode: number): void {
    const frame = this.#frames[this.depth++];
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
    const frame = this.#frames[this.depth - 1];
    if (frame === undefined || this.depth === 0) throw reader.malformed('an `end` too many');
    return frame;
  }

  /** Sets flags of the label at a depth. Returns whether it is the function's own label. */
  note(reader: Reader, depth: number, label: number): boolean {
    const frame = depth < this.depth ? this.#frames[this.depth - 1 - depth] : undefined;
    if (frame === undefined) {
      throw reader.malformed(`a branch to a label that does not exist (${depth})`);
    }
    this.#mark(frame, label);
    return frame.event < 0;
  }

  #mark(frame: Frame, label: number): void {
    frame.label |= label;
    const { events } = this;
    if (frame.event >= 0) events[frame.event + 4] = (events[frame.event + 4] ?? 0) | label;
  }

  open(opcode: number, start: number, end: number): void {
    const splits = opcode === OP.loop || opcode === OP.if;
    if (splits) this.endPiece(0);
    const opening = this.event(EVENT.open, start, end, opcode, 0);
    this.#push(opening, opcode);
    if (splits) this.startPiece(end, opcode === OP.loop ? opening : -1);
  }

  /** An instruction that calls, with `a` and `b` of its event (see {@link EVENT}). */
  call(kind: number, start: number, end: number, a: number, b: number): void {
    this.endPiece(PIECE.calls);
    const frame = this.#frames[this.depth - 1];
    if (frame !== undefined) this.#mark(frame, LABEL.calls);
    this.event(kind, start, end, a, b);
    if (b !== CALL.tail) this.startPiece(end);
  }

  branchIf(reader: Reader, start: number, depth: number): void {
    this.#endAtBranch(reader, depth);
    this.event(EVENT.branchIf, start, reader.at, depth, 0);
    this.startPiece(reader.at);
  }

  branch(reader: Reader, start: number, depth: number): void {
    this.#endAtBranch(reader, depth);
    this.event(EVENT.branch, start, reader.at, depth, 0);
  }

  #endAtBranch(reader: Reader, depth: number): void {
    const own = this.note(reader, depth, LABEL.targeted);
    this.endPiece(own ? PIECE.returns : 0);
  }

  /** An instruction after which code is unreachable. `flags`: {@link PIECE}. */
  leave(kind: number, start: number, end: number, flags: number): void {
    this.endPiece(flags);
    this.event(kind, start, end, 0, 0);
  }

  /** `else`, `catch`, `catch_all`. */
  nextArm(reader: Reader, opcode: number, start: number, live: boolean): void {
    const frame = this.#top(reader);
    const isElse = opcode === OP.else;
    if (
      frame.slot !== (isElse ? OP.if : OP.try) ||
      (isElse && (frame.label & LABEL.hasElse) !== 0)
    ) {
      throw reader.malformed('an `else` or a `catch` out of place', start);
    }
    if (live) {
      this.endPiece(0);
      frame.armLive = true;
    }
    if (isElse) this.#mark(frame, LABEL.hasElse);
    this.event(isElse ? EVENT.else : EVENT.catch, start, reader.at, 0, 0);
    this.startPiece(reader.at);
  }

  /** `end` or `delegate`. Returns whether the following code is reachable. */
  close(reader: Reader, opcode: number, start: number, live: boolean): boolean {
    const frame = this.#top(reader);
    if (opcode === OP.delegate && frame.slot !== OP.try) {
      throw reader.malformed('a `delegate` out of place', start);
    }
    this.depth--;
    const own = frame.event < 0;
    const joins = isJoin(frame);
    if (live && (joins || own)) this.endPiece(own ? PIECE.returns : 0);
    if (own) this.ownLabel = frame.label;
    this.event(EVENT.end, start, reader.at, joins ? 1 : 0, own ? 1 : 0);
    const reached = live || (joins && isReached(frame));
    if (reached && joins && !own) this.startPiece(reader.at, frame.event);
    return reached;
  }
}

/** Whether paths join at the `end` of a block. */
function isJoin(frame: Frame): boolean {
  if (frame.slot === OP.loop) return false;
  return frame.slot === OP.if || frame.slot === OP.try || (frame.label & LABEL.targeted) !== 0;
}

/** Whether the end of a block is reachable other than from the code right before it. */
function isReached(frame: Frame): boolean {
  if (frame.armLive || (frame.label & LABEL.targeted) !== 0) return true;
  return frame.slot === OP.if && (frame.label & LABEL.hasElse) === 0;
}
