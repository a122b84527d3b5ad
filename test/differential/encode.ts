/** Encodes parts of a WebAssembly module, independently of the runtime. */

export function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

export function signed(value: number): number[] {
  if (value >= -64 && value < 64) return [value & 0x7f];
  return [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

export const encodeSection = (id: number, body: readonly number[]) => [
  id,
  ...leb(body.length),
  ...body,
];

export const encodeName = (text: string) => [
  text.length,
  ...Array.from(text, (letter) => letter.charCodeAt(0)),
];

export const PREAMBLE = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
