/** Emits the code that the generated functions have in common: constants, chunked loops, and charges. */
import { CODE } from '../../format/codes.ts';
import type { SizeRate } from '../../cost.ts';
import { addToGlobal } from '../../profile.ts';
import { Writer } from '../../format/write.ts';
import { encodeOperation, rateOf, type SizedOperation } from './operation.ts';

/** Chunk size in the operation's unit: some tens of microseconds of work. */
const CHUNK: Readonly<Record<SizeRate['unit'], number>> = { byte: 65_536, element: 1024, page: 1 };

/** The parts of the woven module that a generated function uses. */
export interface SizedContext {
  /** The global that holds the budget. */
  readonly gas: number;
  /** The function that calls the host for a turn. */
  readonly turn: number;
  /** The import that asks the host whether a memory or table may grow. */
  readonly grow: number;
  /** The global that counts the calling function's own gas, if the module is profiled. */
  readonly counter: number | undefined;
}

export interface SizedFunction {
  readonly type: Writer;
  readonly body: Writer;
}

export const typeOf = (is64: boolean): number => (is64 ? CODE.i64 : CODE.i32);

/** Starts a function type; the caller writes its parameters and results. */
export function functionType(params: number): Writer {
  const type = new Writer(16);
  type.u8(CODE.function);
  type.u8(params);
  return type;
}

/** Emits the body of one function. The word size of each address or size is passed as `is64`. */
export class SizedEmitter {
  readonly out = new Writer();
  /** Chunk size in the operation's unit. */
  readonly chunk: number;
  readonly #operation: SizedOperation;
  readonly #context: SizedContext;
  readonly #rate: SizeRate;

  constructor(operation: SizedOperation, context: SizedContext) {
    this.#operation = operation;
    this.#context = context;
    this.#rate = rateOf(operation.slot);
    this.chunk = CHUNK[this.#rate.unit];
  }

  /** The operation itself; its operands are on the stack. */
  instruction(): void {
    encodeOperation(this.#operation, this.out);
  }

  /** Loops over chunks until at most one chunk remains; each is charged first, and subtracted from the local `size`. */
  loop(is64: boolean, size: number, body: () => void): void {
    const { out, chunk } = this;
    out.u8(CODE.loop);
    out.u8(CODE.void);
    this.charge(() => out.i64(gasFor(this.#rate, chunk)));
    out.op(CODE.localGet, size);
    this.constant(is64, chunk);
    out.u8(is64 ? CODE.i64Sub : CODE.i32Sub);
    out.op(CODE.localSet, size);
    body();
    this.isLong(is64, size);
    out.op(CODE.brIf, 0);
    out.u8(CODE.end);
  }

  /** Pushes whether more than one chunk remains. */
  isLong(is64: boolean, size: number): void {
    this.out.op(CODE.localGet, size);
    this.constant(is64, this.chunk);
    this.out.u8(is64 ? CODE.i64GtU : CODE.i32GtU);
  }

  /** Pushes the gas for the size in a local. */
  pushCost(is64: boolean, size: number): void {
    const { out } = this;
    const { shift } = this.#rate;
    out.op(CODE.localGet, size);
    if (!is64) out.u8(CODE.i64ExtendI32U);
    if (shift === 0) return;
    out.i64(Math.abs(shift));
    out.u8(shift > 0 ? CODE.i64ShrU : CODE.i64Shl);
  }

  /** Subtracts the value that `push` pushes from the budget, and calls the host if the budget is used up. */
  charge(push: () => void): void {
    const { out } = this;
    const { gas, turn, counter } = this.#context;
    out.op(CODE.globalGet, gas);
    push();
    out.u8(CODE.i64Sub);
    out.op(CODE.globalSet, gas);
    if (counter !== undefined) addToGlobal(out, counter, push);
    out.op(CODE.globalGet, gas);
    out.i64(0);
    out.u8(CODE.i64LtS);
    this.if();
    out.op(CODE.globalGet, gas);
    out.op(CODE.call, turn);
    out.u8(CODE.drop);
    out.u8(CODE.end);
  }

  /** Asks the host whether a memory (`space` 0) or table (1) may grow by the size in a local; pushes 1 if so, else 0. */
  askToGrow(space: number, is64: boolean, size: number): void {
    const { out } = this;
    this.constant(false, space);
    out.op(CODE.localGet, size);
    out.u8(is64 ? CODE.f64ConvertI64U : CODE.f64ConvertI32U);
    out.op(CODE.call, this.#context.grow);
  }

  if(type: number = CODE.void): void {
    this.out.u8(CODE.if);
    this.out.u8(type);
  }

  constant(is64: boolean, value: number): void {
    this.out.u8(is64 ? CODE.i64Const : CODE.i32Const);
    this.out.signed(value);
  }
}

const gasFor = ({ shift }: SizeRate, size: number): number => Math.floor(size * 2 ** -shift);
