import { Resource, type Scheme } from './resource.ts';

const NOTHING = new Uint8Array(0);

class NullResource extends Resource {
  override read(): Uint8Array {
    return NOTHING;
  }
  override write(data: Uint8Array): number {
    return data.length;
  }
}

export const nullScheme: Scheme = {
  name: 'null',
  doc: 'Discards all input and has no output.',
  reads: 'Returns 0 bytes.',
  writes: 'Accepts and discards all bytes.',
  open: () => new NullResource('null://'),
};
