/** What the calls of WASI have in common on the wire: addresses, and an error number that comes back. */
import type { Process } from '../../run/process.ts';

export const status = { name: 'errno', type: 'u32', doc: '0, or what went wrong' } as const;

export const fd = {
  name: 'fd',
  type: 'u32',
  doc: '0, 1 or 2: standard input, output, error',
} as const;

/** A number that is not looked at, or an address that is read from. */
export const u32 = (name: string, doc: string) => ({ name, type: 'u32', doc }) as const;

/** Where a result goes. */
export const place = (name: string) => u32(name, 'the address that it is written to');

/** The bytes of guest memory from an address on, to read and write numbers in; good until the guest runs again. */
export function dataAt(process: Process, base: number, length: number): DataView {
  const bytes = process.memory.view(base, length);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function writeU32(process: Process, base: number, value: number): void {
  dataAt(process, base, 4).setUint32(0, value, true);
}
