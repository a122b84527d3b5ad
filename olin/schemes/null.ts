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
  doc: 'Takes everything, gives nothing.',
  reads: 'Succeeds with 0 bytes.',
  writes: 'All bytes are taken and thrown away.',
  open: () => new NullResource('null://'),
};
