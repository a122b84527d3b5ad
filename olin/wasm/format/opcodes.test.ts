import assert from 'node:assert/strict';
import { test } from 'node:test';

import { instructionName, KIND_OF, PREFIXES, SLOT, slotOf } from './opcodes.ts';

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >> 7)];
}

const section = (id: number, body: readonly number[]) => [id, ...leb(body.length), ...body];

/** Whether this engine supports an instruction, judged by its error for a function of that instruction alone. */
function engineKnows(opcode: readonly number[]): boolean {
  const body = [0, ...opcode, ...Array.from({ length: 20 }, () => 0), 0x0b];
  const module = Uint8Array.of(
    0,
    0x61,
    0x73,
    0x6d,
    1,
    0,
    0,
    0,
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(10, [1, ...leb(body.length), ...body]),
  );
  try {
    return new WebAssembly.Module(module) instanceof WebAssembly.Module;
  } catch (error) {
    return !/invalid.*opcode/i.test(String(error));
  }
}

/** Behind a flag in V8, whose error names the flag; Olin rejects them by number. */
const EXPERIMENTAL = new Set(['0xfb20', '0xfb21']);

test('the table lists exactly the instructions that the engine supports', () => {
  const plain = Array.from({ length: 0xfb }, (_, code) => ({ bytes: [code], slot: code }));
  const prefixed = PREFIXES.flatMap((prefix) =>
    Array.from({ length: 0x180 }, (_, code) => ({
      bytes: [prefix, ...leb(code)],
      slot: slotOf(prefix, code),
    })),
  );
  const differ = [...plain, ...prefixed]
    .filter(({ bytes, slot }) => engineKnows(bytes) !== (KIND_OF[slot] ?? 0) > 0)
    .map(({ slot }) => /0x[0-9a-f]+/.exec(instructionName(slot))?.[0] ?? instructionName(slot));
  assert.deepEqual(new Set(differ), EXPERIMENTAL);
});

test('instruction names are unique', () => {
  const known = KIND_OF.reduce((count, kind) => count + (kind > 0 ? 1 : 0), 0);
  assert.equal(SLOT.size, known);
});
