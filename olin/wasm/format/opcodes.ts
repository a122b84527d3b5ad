/** Lookup tables derived from instructions.ts. */
import { IMMEDIATES, ROWS } from './instructions.ts';

export const PREFIXES: readonly number[] = [0xfb, 0xfc, 0xfd, 0xfe];

/** Slots per prefix: opcodes without a prefix first, then those of each prefix in turn. */
const PAGE = 0x200;
const SLOTS = PAGE * (PREFIXES.length + 1);

/** Index of an opcode in {@link KIND_OF}, {@link MAY_TRAP} and {@link NAME_OF}; 0 to 255 have no prefix. */
export function slotOf(prefix: number, opcode: number): number {
  return opcode < PAGE ? PAGE * (prefix - 0xfa) + opcode : 0x1ff;
}

/** By slot: 1 + the index in {@link IMMEDIATES}; 0 if there is no such instruction. */
export const KIND_OF = new Uint8Array(SLOTS);
/** By slot: 1 if the instruction may trap or leave the function. */
export const MAY_TRAP = new Uint8Array(SLOTS);
export const NAME_OF: (string | undefined)[] = Array.from({ length: SLOTS });
/** Slot by name. */
export const SLOT: ReadonlyMap<string, number> = fill();

function fill(): Map<string, number> {
  const slots = new Map<string, number>();
  for (const [first, immediates, traps, names] of ROWS) {
    const prefix = first.length > 2 ? Number.parseInt(first.slice(0, 2), 16) : 0xfa;
    const opcode = Number.parseInt(first.length > 2 ? first.slice(2) : first, 16);
    let slot = slotOf(prefix, opcode);
    for (const name of names.split(' ')) {
      KIND_OF[slot] = IMMEDIATES.indexOf(immediates) + 1;
      MAY_TRAP[slot] = traps === 'may' ? 1 : 0;
      NAME_OF[slot] = name;
      slots.set(name, slot);
      slot++;
    }
  }
  return slots;
}

/** Returns the name of an instruction for messages, or its number if it is unknown. */
export function instructionName(slot: number): string {
  const name = NAME_OF[slot];
  if (name !== undefined) return `the instruction ${name}`;
  const prefix = PREFIXES[Math.floor(slot / PAGE) - 1];
  const opcode = (slot % PAGE).toString(16).padStart(2, '0');
  return `an unknown instruction (0x${prefix?.toString(16) ?? ''}${opcode})`;
}
