import type { Platform } from '../types.ts';
import { Resource, type Scheme } from './resource.ts';

class RandomResource extends Resource {
  readonly #platform: Platform;

  constructor(platform: Platform) {
    super('random://');
    this.#platform = platform;
  }
  override read(max: number): Uint8Array {
    const bytes = new Uint8Array(max);
    this.#platform.random(bytes);
    return bytes;
  }
}

export const randomScheme: Scheme = {
  name: 'random',
  doc: 'An endless stream of random bytes, good enough for keys.',
  reads: 'Fills the buffer with cryptographic randomness.',
  writes: 'Fails with UnknownError.',
  open: (_url, host) => new RandomResource(host.platform),
};
