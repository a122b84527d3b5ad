import { Resource, type Scheme } from './resource.ts';

class ZeroResource extends Resource {
  override read(max: number): Uint8Array {
    return new Uint8Array(max);
  }
  override write(data: Uint8Array): number {
    return data.length;
  }
}

export const zeroScheme: Scheme = {
  name: 'zero',
  doc: 'An endless stream of zero bytes.',
  reads: 'Fills the buffer with zeros.',
  writes: 'Accepts and discards all bytes.',
  open: () => new ZeroResource('zero://'),
};
