/** Generates random valid modules: structured control of every kind over a few locals, calls, memory, exceptions, traps. */
import { encodeName, encodeSection, leb, PREAMBLE, signed } from './encode.ts';
import { randomOf } from './random.ts';

const FUNCTIONS = 5;
const LOCALS = 6;
const FUEL = 0;
const VOID = 0x40;
const I32 = 0x7f;

/** The value that a branch to a label carries, or `loop` if it leads to the start of a loop. */
type LabelKind = 'void' | 'i32' | 'loop';

/** The two proposals of exceptions cannot be mixed in one module. */
type Exceptions = 'legacy' | 'exnref';

class FunctionBody {
  readonly #pick: (below: number) => number;
  readonly #exceptions: Exceptions;
  /** Outermost first; the first is the function's own. */
  readonly #labels: LabelKind[] = ['i32'];
  #room: number;

  constructor(pick: (below: number) => number, exceptions: Exceptions, room: number) {
    this.#pick = pick;
    this.#exceptions = exceptions;
    this.#room = room;
  }

  build(): number[] {
    // Fuel bounds both loops and recursion.
    const code = [...this.#burn(), ...this.#statements(3), ...this.#value(2), 0x0b];
    const body = [1, LOCALS - 2, I32, ...code];
    return [...leb(body.length), ...body];
  }

  #one<T>(choices: readonly (() => T)[]): T {
    const choice = choices[this.#pick(choices.length)];
    if (choice === undefined) throw new Error('nothing to choose from');
    return choice();
  }

  #burn(): number[] {
    const dry = [0x23, FUEL, 0x45, 0x04, VOID, 0x41, 7, 0x0f, 0x0b];
    return [...dry, 0x23, FUEL, 0x41, 1, 0x6b, 0x24, FUEL];
  }

  #local(): number {
    return this.#pick(LOCALS);
  }

  /** Mostly within the first page, rarely anything. */
  #address(depth: number): number[] {
    if (this.#pick(40) === 0) return this.#value(depth);
    return [...this.#value(depth), 0x41, ...signed(0xfff8), 0x71];
  }

  #value(depth: number): number[] {
    this.#room--;
    const simple = [
      () => [0x41, ...signed(this.#pick(200) - 100)],
      () => [0x20, this.#local()],
      () => [0x20, this.#local()],
      () => [0x23, 1],
    ];
    if (depth <= 0 || this.#room < 0) return this.#one(simple);
    const deeper = () => this.#value(depth - 1);
    return this.#one<number[]>([
      ...simple,
      () => [...deeper(), ...deeper(), 0x6a + this.#pick(3)],
      () => [...deeper(), ...deeper(), 0x46 + this.#pick(10)],
      () => [...deeper(), ...deeper(), 0x71 + this.#pick(5)],
      () => [...deeper(), ...deeper(), 0x41, 1, 0x72, 0x6d + this.#pick(4)],
      () => (this.#pick(10) === 0 ? [...deeper(), ...deeper(), 0x6d] : deeper()),
      () => [...this.#address(depth - 1), 0x28, 2, ...leb(this.#pick(300))],
      () => [...deeper(), ...deeper(), ...deeper(), 0x1b],
      () => [...deeper(), 0xac, ...deeper(), 0xad, 0x7e, 0xa7],
      () => [0x3f, 0],
      () => [...deeper(), 0x45],
      () => [...deeper(), ...this.#ifElse(I32, 'i32', deeper)],
      () => this.#inBlock('i32', 0x02, I32, () => [...this.#statements(depth - 1), ...deeper()]),
      () => [...deeper(), ...deeper(), 0x10, this.#pick(FUNCTIONS)],
      () => [...deeper(), ...deeper(), 0x41, this.#pick(FUNCTIONS + 1), 0x11, 0, 0],
    ]);
  }

  #inBlock(label: LabelKind, opcode: number, type: number, body: () => number[]): number[] {
    this.#labels.push(label);
    const code = [opcode, type, ...body(), 0x0b];
    this.#labels.pop();
    return code;
  }

  #ifElse(type: number, label: LabelKind, arm: () => number[]): number[] {
    this.#labels.push(label);
    const code = [0x04, type, ...arm(), 0x05, ...arm(), 0x0b];
    this.#labels.pop();
    return code;
  }

  #statements(depth: number): number[] {
    const code: number[] = [];
    for (let count = this.#pick(4); count >= 0; count--) code.push(...this.#statement(depth));
    return code;
  }

  /** Depths of labels that take no value, or one. */
  #targets(takes: 'nothing' | 'i32'): number[] {
    return this.#labels.flatMap((label, index) => {
      const fits = (label === 'i32') === (takes === 'i32');
      return fits ? [this.#labels.length - 1 - index] : [];
    });
  }

  /** An unconditional branch leaves dead code after it, which may contain anything valid. */
  #branch(depth: number): number[] {
    const plain = this.#targets('nothing');
    const valued = this.#targets('i32');
    const to = plain[this.#pick(Math.max(1, plain.length))];
    const with1 = valued[this.#pick(Math.max(1, valued.length))];
    return this.#one<number[]>([
      () => (to === undefined ? [0x01] : [...this.#value(depth), 0x0d, to]),
      () => (to === undefined ? [0x01] : [...this.#value(depth), 0x0d, to]),
      () => (to === undefined ? [0x01] : [...this.#value(1), 0x04, VOID, 0x0c, to + 1, 0x0b]),
      () =>
        with1 === undefined
          ? [0x01]
          : [...this.#value(1), ...this.#value(depth), 0x0d, with1, 0x1a],
      () => (to === undefined || this.#pick(3) > 0 ? [0x01] : [0x0c, to]),
      () => {
        if (plain.length === 0) return [0x01];
        const count = this.#pick(4);
        const labels = Array.from(
          { length: count + 1 },
          () => plain[this.#pick(plain.length)] ?? 0,
        );
        return [...this.#value(depth), 0x0e, count, ...labels];
      },
      () => (this.#pick(4) > 0 ? [0x01] : [...this.#value(1), 0x0f]),
      () =>
        this.#pick(6) > 0
          ? [0x01]
          : [...this.#value(1), ...this.#value(1), 0x12, this.#pick(FUNCTIONS)],
    ]);
  }

  #statement(depth: number): number[] {
    this.#room--;
    const set = () => [...this.#value(depth), 0x21, this.#local()];
    if (depth <= 0 || this.#room < 0) return set();
    const statements = () => this.#statements(depth - 1);
    return this.#one<number[]>([
      set,
      set,
      () => [...this.#value(depth), 0x24, 1],
      () => [...this.#address(1), ...this.#value(depth), 0x36, 2, ...leb(this.#pick(300))],
      () => [...this.#value(depth), ...this.#inBlock('void', 0x04, VOID, statements)],
      () => [...this.#value(depth), ...this.#ifElse(VOID, 'void', statements)],
      () => this.#inBlock('void', 0x02, VOID, statements),
      () =>
        this.#inBlock('loop', 0x03, VOID, () => [
          ...this.#burn(),
          ...statements(),
          ...this.#branch(1),
        ]),
      () =>
        this.#inBlock('loop', 0x03, VOID, () => [
          ...this.#burn(),
          ...statements(),
          ...this.#value(1),
          0x0d,
          0,
        ]),
      () => this.#branch(1),
      () => this.#branch(1),
      () => [...this.#value(depth), 0x1a],
      () => this.#bulk(),
      () => this.#guarded(statements),
      () => this.#guarded(statements),
      () => (this.#pick(6) > 0 ? [0x01] : [0x08, 0]),
      () => (this.#pick(30) > 0 ? [0x01] : [0x00]),
    ]);
  }

  #bulk(): number[] {
    const small = () => [...this.#value(1), 0x41, ...signed(0x7ff), 0x71];
    return this.#one([
      () => [...this.#address(1), ...this.#value(1), ...small(), 0xfc, 11, 0],
      () => [...this.#address(1), ...this.#address(1), ...small(), 0xfc, 10, 0, 0],
      () => [...this.#value(1), 0x41, 3, 0x71, 0x40, 0, 0x1a],
    ]);
  }

  /** A `try` of either proposal, whose handler catches the one tag, or everything. */
  #guarded(statements: () => number[]): number[] {
    const catchAll = this.#pick(2) === 0;
    if (this.#exceptions === 'legacy') {
      return this.#inBlock('void', 0x06, VOID, () => [
        ...statements(),
        ...(catchAll ? [0x19] : [0x07, 0]),
        ...statements(),
      ]);
    }
    const clause = catchAll ? [2, 0] : [0, 0, 0];
    return this.#inBlock('void', 0x02, VOID, () => {
      this.#labels.push('void');
      const code = [0x1f, VOID, 1, ...clause, ...statements(), 0x0b];
      this.#labels.pop();
      return [...code, ...statements()];
    });
  }
}

/**
 * Returns the module of a seed. It exports `f0` to `f4` (two i32, one result), `fuel` and `g` (mutable globals), `memory`.
 */
export function generateModule(seed: number): Uint8Array<ArrayBuffer> {
  const pick = randomOf(seed);
  const exceptions: Exceptions = pick(2) === 0 ? 'legacy' : 'exnref';
  const indices = Array.from({ length: FUNCTIONS }, (_, index) => index);
  const bodies = indices.flatMap(() => new FunctionBody(pick, exceptions, 60 + pick(200)).build());
  return Uint8Array.of(
    ...PREAMBLE,
    ...encodeSection(1, [2, 0x60, 2, I32, I32, 1, I32, 0x60, 0, 0]),
    ...encodeSection(3, [FUNCTIONS, ...indices.map(() => 0)]),
    ...encodeSection(4, [1, 0x70, 0, FUNCTIONS + 1]),
    ...encodeSection(5, [1, 1, 1, 8]),
    ...encodeSection(13, [1, 0, 1]),
    ...encodeSection(6, [2, I32, 1, 0x41, ...signed(60), 0x0b, I32, 1, 0x41, 5, 0x0b]),
    ...encodeSection(7, [
      FUNCTIONS + 3,
      ...indices.flatMap((index) => [...encodeName(`f${index}`), 0, index]),
      ...encodeName('fuel'),
      3,
      FUEL,
      ...encodeName('g'),
      3,
      1,
      ...encodeName('memory'),
      2,
      0,
    ]),
    ...encodeSection(9, [1, 0, 0x41, 0, 0x0b, FUNCTIONS, ...indices]),
    ...encodeSection(10, [FUNCTIONS, ...bodies]),
  );
}
