/**
 * The gas schedule. The unit is one executed WebAssembly instruction.
 *
 * Instructions that only mark structure and never execute are free; every other instruction costs 1, except for a few
 * that take much longer. Operations whose work depends on an operand also cost by that size, unless they trap. One unit
 * should take no more than about 2 ns.
 */
import { SLOT } from './format/opcodes.ts';

/** Free instructions: they only open, divide or close a block. */
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

/** Instructions with a fixed cost above 1. */
export interface InstructionRate {
  readonly instructions: readonly string[];
  readonly gas: number;
  readonly text: string;
}

export const INSTRUCTION_RATES: readonly InstructionRate[] = [
  {
    instructions: ['throw', 'rethrow', 'throw_ref'],
    gas: 2000,
    text: '2000: the engine creates an object and unwinds the stack',
  },
  {
    instructions: ['table.set'],
    gas: 32,
    text: '32, as for one element of `table.fill`',
  },
];

/** Number of parameters and locals included in the cost of `call`. */
export const FREE_LOCALS = 256;
/** Number of further locals per unit of gas. */
export const LOCALS_PER_GAS = 8;

/** Extra cost of entering a function, by its number of parameters and locals. */
export const costOfLocals = (locals: number): number =>
  Math.floor(Math.max(0, locals - FREE_LOCALS) / LOCALS_PER_GAS);

/** The rate for operations charged by size. */
export interface SizeRate {
  readonly instructions: readonly string[];
  /** What the size operand counts. */
  readonly unit: 'byte' | 'element' | 'page';
  /** Gas for `size` units: `size >> shift` if `shift` is positive, else `size << -shift`. */
  readonly shift: number;
  readonly text: string;
  /** Metering knows the instructions, but the runtime refuses modules that have them, so no run is charged for them. */
  readonly isRefused?: true;
}

export const SIZE_RATES: readonly SizeRate[] = [
  {
    instructions: ['memory.fill', 'memory.copy', 'memory.init'],
    unit: 'byte',
    shift: 3,
    text: '1 for every 8 bytes',
  },
  {
    instructions: ['memory.grow'],
    unit: 'page',
    shift: -13,
    text: '8192 for each page of 64 KiB, the cost of filling it; 1000 if the growth fails; nothing for a growth by 0',
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
    text: '32 for each element; 1000 if the growth fails; nothing for a growth by 0',
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
    isRefused: true,
  },
];

/** Cost of a growth that the host or the engine refuses: the request takes about 2 µs. */
export const FAILED_GROWTH_GAS = 1000;

/** Cost by slot of the opcode table. */
export const COST = new Uint16Array(0x200 * 5).fill(1);
for (const name of FREE) COST[SLOT.get(name) ?? 0] = 0;
for (const { instructions, gas } of INSTRUCTION_RATES) {
  for (const name of instructions) COST[SLOT.get(name) ?? 0] = gas;
}

/** By slot: 1 + index in {@link SIZE_RATES} if the instruction is charged by size, else 0. */
export const SIZED = new Uint8Array(0x200 * 5);
SIZE_RATES.forEach(({ instructions }, index) => {
  for (const name of instructions) SIZED[SLOT.get(name) ?? 0] = index + 1;
});

/**
 * Maximum number of instructions of straight code between two checks of the budget. It ensures that no code runs much
 * longer than a slice.
 */
export const CHECK_EVERY = 1000;
/** What a call adds to that count: a callee may run {@link CHECK_EVERY} instructions without a check. */
export const CALL_WEIGHT = 10;
/** What an array operation, or entering an exception handler, adds to that count. */
export const SIZED_WEIGHT = 100;
