/** A process of a supervisor that listens, and hangs when it is told to. */
import { tellListening } from '../../server/executor/supervised.ts';

process.on('message', (message) => {
  if (message !== 'hang') return;
  for (;;);
});
tellListening();
