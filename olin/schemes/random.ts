import { gasFor } from '../run/call-cost.ts';
import { Resource, type Scheme, type SchemeHost } from './resource.ts';

class RandomResource extends Resource {
  readonly #host: SchemeHost;

  constructor(host: SchemeHost) {
    super('random://');
    this.#host = host;
  }
  override read(max: number): Uint8Array {
    this.#host.charge(gasFor('random', max));
    const bytes = new Uint8Array(max);
    this.#host.platform.random(bytes);
    return bytes;
  }
}

export const randomScheme: Scheme = {
  name: 'random',
  doc: 'An endless stream of random bytes from a cryptographically secure source.',
  reads: 'Fills the buffer with random bytes.',
  writes: 'Fails with UnknownError.',
  open: (_url, host) => new RandomResource(host),
};
