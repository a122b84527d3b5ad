/** The platform for Node: server, command line and tests. */
import type { Platform } from '../types.ts';
import { VERSION } from '../version.ts';
import { standardPlatform } from './standard.ts';

declare const setImmediate: (done: () => void) => unknown;
declare const Buffer: {
  from(bytes: Uint8Array): Uint8Array;
  compare(a: Uint8Array, b: Uint8Array): number;
};

const ZEROS = new Uint8Array(65_536);

export const nodePlatform: Platform = {
  ...standardPlatform,
  name: 'node',
  // Small copies share a pooled buffer, which is much faster than allocating one each.
  copy: (bytes) => Buffer.from(bytes),
  isZero(bytes) {
    for (let at = 0; at < bytes.length; at += ZEROS.length) {
      const chunk = bytes.subarray(at, at + ZEROS.length);
      if (Buffer.compare(chunk, ZEROS.subarray(0, chunk.length)) !== 0) return false;
    }
    return true;
  },
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  userAgent: `Trisiel-Olin/${VERSION}`,
};
