/** Parameters and results that the WASI functions share. */
import type { Process } from '../../run/process.ts';

export const status = { name: 'errno', type: 'u32', doc: '0, or an error number' } as const;

export const fd = {
  name: 'fd',
  type: 'u32',
  doc: 'a descriptor: 0, 1 and 2 are standard input, output and error',
} as const;

/** A number that is ignored, or an address to read from. */
export const u32 = (name: string, doc: string) => ({ name, type: 'u32', doc }) as const;

/** The address for a result. */
export const place = (name: string) => u32(name, 'the address that it is written to');

/** Returns a DataView of guest memory that is valid until the guest runs again. */
export function dataAt(process: Process, base: number, length: number): DataView {
  const bytes = process.memory.view(base, length);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function writeU32(process: Process, base: number, value: number): void {
  dataAt(process, base, 4).setUint32(0, value, true);
}
