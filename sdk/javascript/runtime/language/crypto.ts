/** crypto: random values and digests. */
import { viewOf } from '../bytes.ts';
import { host } from '../host.ts';

/** Maximum bytes per call, as in browsers. */
const MAX_RANDOM = 65_536;
const DIGESTS: Readonly<Record<string, number>> = {
  'SHA-1': 1,
  'SHA-256': 256,
  'SHA-384': 384,
  'SHA-512': 512,
};

class SubtleCrypto {
  /** Rejects with a NotSupportedError for algorithms other than SHA-1, SHA-256, SHA-384 and SHA-512. */
  async digest(algorithm: string | { name: string }, data: unknown): Promise<ArrayBuffer> {
    const name = typeof algorithm === 'string' ? algorithm : algorithm.name;
    const bits = DIGESTS[String(name).toUpperCase()];
    if (bits === undefined) {
      throw new DOMException(
        `crypto.subtle.digest has ${Object.keys(DIGESTS).join(', ')}, and no ${name}`,
        'NotSupportedError',
      );
    }
    const bytes = viewOf(data);
    if (bytes === undefined) throw new TypeError('digest() takes a buffer or a view');
    return host().digest(bits, bytes).buffer;
  }
}

class Crypto {
  readonly subtle = new SubtleCrypto();

  getRandomValues<View extends ArrayBufferView>(into: View): View {
    const bytes = viewOf(into);
    if (bytes === undefined || into instanceof Float32Array || into instanceof Float64Array) {
      throw new DOMException(
        'getRandomValues() takes a typed array of integers',
        'TypeMismatchError',
      );
    }
    if (bytes.length > MAX_RANDOM) {
      throw new DOMException(
        `getRandomValues() gives at most ${MAX_RANDOM} bytes`,
        'QuotaExceededError',
      );
    }
    if (bytes.length > 0) host().random(bytes);
    return into;
  }

  randomUUID(): string {
    const bytes = this.getRandomValues(new Uint8Array(16));
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const text = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }
}

export const crypto = new Crypto();
