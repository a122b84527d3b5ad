/** The process of `trisiel`: its streams, its signals, its exit code. */
import { EXIT_CODES } from './exit-codes.ts';
import { runTrisiel } from './run-trisiel.ts';

/** How long a command has to end in order after Ctrl-C. */
const GRACE_MS = 2000;

const interrupt = new AbortController();
process.on('SIGINT', () => {
  // The second Ctrl-C does not wait.
  if (interrupt.signal.aborted) process.exit(EXIT_CODES.interrupted.code);
  interrupt.abort();
  setTimeout(() => process.exit(EXIT_CODES.interrupted.code), GRACE_MS).unref();
});
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read it has seen enough, as `head` does.
    if (error.code === 'EPIPE') process.exit(EXIT_CODES.ok.code);
    throw error;
  });
}

process.exitCode = await runTrisiel(
  process.argv.slice(2),
  {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
  },
  interrupt.signal,
);
