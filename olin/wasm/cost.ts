/**
 * What gas is charged for. The unit is one executed WebAssembly instruction.
 *
 * Instructions that only mark structure and never execute are free; every other one costs 1. Operations whose work
 * depends on an operand cost by that size on top, once they are done (one that traps or fails pays for itself alone).
 */
import { SLOT } from './opcodes.ts';

/** Cost nothing: they open, part or close a piece of code. Declarations of locals cost nothing either. */
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
    text: '8192 for each page of 64 KiB, as filling it would cost; nothing where it fails',
  },
  {
    instructions: ['table.fill', 'table.copy', 'table.init'],
    unit: 'element',
    shift: 0,
    text: '1 for each element',
  },
  {
    instructions: ['table.grow'],
    unit: 'element',
    shift: 0,
    text: '1 for each element; nothing where it fails',
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

/** By slot of the opcode table: 0 for what is free, 1 for all else. */
export const COST = new Uint8Array(0x200 * 5).fill(1);
for (const name of FREE) COST[SLOT.get(name) ?? 0] = 0;

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
/** What an operation charged by size adds to it. */
export const SIZED_WEIGHT = 100;
