/** The browser: a page's Web Worker. */
import type { Platform } from '../types.ts';
import { standardPlatform } from './standard.ts';

export const browserPlatform: Platform = {
  ...standardPlatform,
  name: 'browser',
  // A message, unlike a timer, is not held back to 4 ms when it is sent often.
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
  // A page may not choose it.
  userAgent: undefined,
};
