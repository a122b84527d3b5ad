/**
 * Estimates what a function costs the engine to compile. The estimate is the same on every machine.
 *
 * Engines compile in time linear in the code, with one exception: where paths split or join, they process each local and
 * each operand on the stack. So a few bytes of code can take seconds and gigabytes. The estimate counts that product,
 * plus a share for each byte, block and call. The limits are far above what compilers emit (figures in RATIONALE.md).
 */
import type { Reader } from '../format/read.ts';
import type { DefinedType } from '../format/types.ts';

import { InputError } from '../../errors.ts';

/** Limit for one function. Each unit takes about 25 bytes in the optimising compiler, 300 MB at most. */
export const MAX_FUNCTION_COST = 8_000_000;
/** Limit for all functions together, without the share of bytes, which the module's size limits. */
export const MAX_MODULE_COST = 32_000_000;

const PER_BYTE = 4;
const PER_BLOCK = 64;
const PER_BRANCH = 16;
const PER_CALL = 512;

/** Estimates one function after another, reusing its buffers. */
export class CompileCost {
  /** Current height of the operand stack. */
  height = 0;
  readonly #params: Int32Array;
  readonly #results: Int32Array;
  #cost = 0;
  #spread = 0;
  #locals = 0;
  /** Number of open blocks including the function itself; blocks in dead code count, because engines validate them. */
  #depth = 0;
  /** Number of open blocks in which a call may branch to an exception handler. */
  #tries = 0;
  /** For each open block: stack height below its parameters, parameters, results, branch values, 1 for a `try`. */
  #frames = new Int32Array(FRAME * 64);

  constructor(types: readonly DefinedType[]) {
    this.#params = Int32Array.from(types, (type) =>
      type.kind === 'function' ? type.params.length : 0,
    );
    this.#results = Int32Array.from(types, (type) =>
      type.kind === 'function' ? type.results.length : 0,
    );
  }

  /** Begins a function of `length` bytes. */
  begin(typeIndex: number, locals: number, length: number): void {
    this.#locals = locals;
    this.#depth = 0;
    this.#tries = 0;
    this.height = 0;
    this.#cost = length * PER_BYTE + locals;
    this.#spread += locals;
    this.#push(0, this.#results[typeIndex] ?? 0, false, false);
  }

  /** Ends a function. Throws {@link InputError} `unsupported-feature` if it, or the module so far, exceeds a limit. */
  checkBounds(index: number): void {
    if (this.#cost > MAX_FUNCTION_COST) {
      throw new InputError(
        'unsupported-feature',
        `Function ${index} is too costly to compile: its cost is ${this.#cost}, and at most ${MAX_FUNCTION_COST} is allowed. Each branch costs as much as the function has locals and operands on the stack. Split the function, or build it with optimisation.`,
      );
    }
    if (this.#spread > MAX_MODULE_COST) {
      throw new InputError(
        'unsupported-feature',
        `The module is too costly to compile: up to function ${index} its cost is ${this.#spread}, and at most ${MAX_MODULE_COST} is allowed. Each branch costs as much as its function has locals and operands on the stack. Leave functions out, or build it with optimisation.`,
      );
    }
  }

  /** `block`, `loop`, `if`, `try`, `try_table`; `reader` is at the block type. */
  open(reader: Reader, isLoop: boolean, splits: boolean, isTry: boolean): void {
    const first = reader.bytes[reader.at] ?? 0;
    let params = 0;
    let results = first === 0x40 ? 0 : 1;
    if (first < 0x40 || first >= 0x80) {
      const type = reader.s33();
      params = this.#params[type] ?? 0;
      results = this.#results[type] ?? 0;
    }
    this.#cost += PER_BLOCK + params + results;
    if (splits) this.#split();
    this.height = Math.max(this.height - params, this.#base);
    this.#push(params, results, isLoop, isTry);
  }

  else(): void {
    const at = this.#top;
    this.#split();
    this.height = (this.#frames[at] ?? 0) + (this.#frames[at + 1] ?? 0);
  }

  /** `catch` with the type of its tag, whose values are pushed; `catch_all` without. */
  catch(typeIndex: number | undefined): void {
    this.#split();
    this.height = this.#base + (typeIndex === undefined ? 0 : (this.#params[typeIndex] ?? 0));
  }

  /** `end`, `delegate`. */
  close(): void {
    const at = this.#top;
    this.height = (this.#frames[at] ?? 0) + (this.#frames[at + 2] ?? 0);
    if (this.#frames[at + 4] === 1) this.#tries--;
    if (this.#depth > 0) this.#depth--;
  }

  /** A branch to a label, by any instruction or clause. */
  branch(depth: number): void {
    const at = (this.#depth - 1 - depth) * FRAME;
    this.#cost += PER_BRANCH;
    this.#split(this.#frames[at + 3]);
  }

  /** A call of a function of the given type, before its operands are popped. Code after a tail call is unreachable. */
  call(typeIndex: number, isTail: boolean): void {
    const params = this.#params[typeIndex] ?? 0;
    const results = this.#results[typeIndex] ?? 0;
    this.#cost += PER_CALL + params + results;
    if (this.#tries > 0) this.#split();
    this.height = Math.max(this.height - params, this.#base) + results;
    if (isTail) this.unreachable();
  }

  /** An instruction that compiles to a call, such as `throw` or `memory.copy`. */
  callHost(): void {
    this.#cost += PER_CALL;
    if (this.#tries > 0) this.#split();
  }

  /** Marks the following code as unreachable. */
  unreachable(): void {
    this.height = this.#base;
  }

  get #top(): number {
    return (this.#depth - 1) * FRAME;
  }

  get #base(): number {
    return this.#frames[this.#top] ?? 0;
  }

  /** Paths split or join here; `values` are carried by the branch. */
  #split(values = 0): void {
    const slots = this.#locals + Math.max(this.height, 0) + values;
    this.#cost += slots;
    this.#spread += slots;
  }

  #push(params: number, results: number, isLoop: boolean, isTry: boolean): void {
    const at = this.#depth * FRAME;
    if (at + FRAME > this.#frames.length) {
      const grown = new Int32Array(this.#frames.length * 2);
      grown.set(this.#frames);
      this.#frames = grown;
    }
    const frames = this.#frames;
    frames[at] = this.height;
    frames[at + 1] = params;
    frames[at + 2] = results;
    frames[at + 3] = isLoop ? params : results;
    frames[at + 4] = isTry ? 1 : 0;
    if (isTry) this.#tries++;
    this.#depth++;
    this.height += params;
  }
}

const FRAME = 5;
