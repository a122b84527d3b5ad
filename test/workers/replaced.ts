/** A process that repeatedly asks for its replacement, and does not stop. */
import { reportListening } from '../../server/process/supervisor/supervised.ts';

process.on('SIGTERM', () => undefined);
reportListening();
setInterval(() => process.send?.({ kind: 'trisiel-replace', id: 1 }), 20);
