/** Node: the platform of the server, the command line and the tests. */
import type { Platform } from '../types.ts';
import { VERSION } from '../version.ts';
import { standardPlatform } from './standard.ts';

declare const setImmediate: (done: () => void) => unknown;

export const nodePlatform: Platform = {
  ...standardPlatform,
  name: 'node',
  turn: () => new Promise((resolve) => setImmediate(resolve)),
  userAgent: `Trisiel-Olin/${VERSION}`,
};
