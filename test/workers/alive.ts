/** A process of a supervisor that listens, and hangs on request. */
import { reportListening } from '../../server/process/supervisor/supervised.ts';

process.on('message', (message) => {
  if (message !== 'hang') return;
  for (;;);
});
reportListening();
