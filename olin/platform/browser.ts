/** The platform for a Web Worker in a browser. */
import type { Platform } from '../types.ts';
import { standardPlatform } from './standard.ts';

export const browserPlatform: Platform = {
  ...standardPlatform,
  name: 'browser',
  // Unlike timers, messages are not throttled to one per 4 ms.
  turn: () =>
    new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener('message', () => {
        port1.close();
        resolve();
      });
      port1.start();
      port2.postMessage(null);
    }),
  // A page cannot set it.
  userAgent: undefined,
};
