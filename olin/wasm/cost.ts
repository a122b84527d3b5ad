/**
 * What gas is charged for. The unit is one executed WebAssembly instruction.
 *
 * Instructions that only mark structure and never execute are free; every other one costs 1, but for a few that take the
 * host far longer. Operations whose work depends on an operand cost by that size on top; one that traps costs no more
 * than itself. A unit is to stand for no more than about two nanoseconds.
 */
import { SLOT } from './format/opcodes.ts';

/** Cost nothing: they open, part or close a piece of code. */
export const FREE: readonly string[] = [
  'block',
  'loop',
  'try',
  'try_table',
  'else',
  'catch',
  'catch_all',
  'delegate',
  'end',
];

/** What costs more than 1 whatever its operands are. */
export interface InstructionRate {
  readonly instructions: readonly string[];
  readonly gas: number;
  readonly text: string;
}

export const INSTRUCTION_RATES: readonly InstructionRate[] = [
  {
    instructions: ['throw', 'rethrow', 'throw_ref'],
    gas: 2000,
    text: '2000: the host makes an object and unwinds the stack',
  },
  {
    instructions: ['table.set'],
    gas: 32,
    text: '32, as for an element of `table.fill`',
  },
];

/** Parameters and locals that a call of a function sets up for the price of `call`. */
export const FREE_LOCALS = 256;
/** Of the other ones, how many a unit of gas pays. */
export const LOCALS_PER_GAS = 8;

/** What entering a function costs on top of its code, by its parameters and locals. */
export const costOfLocals = (locals: number): number =>
  Math.floor(Math.max(0, locals - FREE_LOCALS) / LOCALS_PER_GAS);

/** What a size counts in, and how much of it one unit of gas pays. */
export interface SizeRate {
  readonly instructions: readonly string[];
  /** What the size operand counts. */
  readonly unit: 'byte' | 'element' | 'page';
  /** Gas for `size` of them: `size >> shift` where `shift` is positive, `size << -shift` where it is not. */
  readonly shift: number;
  readonly text: string;
}

export const SIZE_RATES: readonly SizeRate[] = [
  {
    instructions: ['memory.fill', 'memory.copy', 'memory.init'],
    unit: 'byte',
    shift: 3,
    text: '1 for each whole 8 bytes',
  },
  {
    instructions: ['memory.grow'],
    unit: 'page',
    shift: -13,
    text: '8192 for each page of 64 KiB, as filling it would cost; 1000 where it fails; nothing for a growth by 0',
  },
  {
    instructions: ['table.fill', 'table.copy', 'table.init'],
    unit: 'element',
    shift: -5,
    text: '32 for each element',
  },
  {
    instructions: ['table.grow'],
    unit: 'element',
    shift: -5,
    text: '32 for each element; 1000 where it fails; nothing for a growth by 0',
  },
  {
    instructions: [
      'array.new',
      'array.new_default',
      'array.new_data',
      'array.new_elem',
      'array.fill',
      'array.copy',
      'array.init_data',
      'array.init_elem',
    ],
    unit: 'element',
    shift: 0,
    text: '1 for each element',
  },
];

/** What a growth costs that the host or the engine refuses: to ask takes about two microseconds. */
export const FAILED_GROWTH_GAS = 1000;

/** By slot of the opcode table. */
export const COST = new Uint16Array(0x200 * 5).fill(1);
for (const name of FREE) COST[SLOT.get(name) ?? 0] = 0;
for (const { instructions, gas } of INSTRUCTION_RATES) {
  for (const name of instructions) COST[SLOT.get(name) ?? 0] = gas;
}

/** By slot: 1 + index in {@link SIZE_RATES} where size is charged; 0 elsewhere. */
export const SIZED = new Uint8Array(0x200 * 5);
SIZE_RATES.forEach(({ instructions }, index) => {
  for (const name of instructions) SIZED[SLOT.get(name) ?? 0] = index + 1;
});

/**
 * How much may run between two checks of the budget, in instructions, counted along straight code. With it no code,
 * however it is written, runs much longer than a slice.
 */
export const CHECK_EVERY = 1000;
/** What a call adds to that count: a callee may run {@link CHECK_EVERY} instructions without a check of its own. */
export const CALL_WEIGHT = 10;
/** What an operation on arrays, and what leads to a handler, adds to it. */
export const SIZED_WEIGHT = 100;
