/** A process of a supervisor that listens, and hangs when it is told to. */
import { reportListening } from '../../server/process/supervisor/supervised.ts';

process.on('message', (message) => {
  if (message !== 'hang') return;
  for (;;);
});
reportListening();
