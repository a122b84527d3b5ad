/** Entry point of `trisiel`: streams, signals and exit code. */
import { endByReader } from './parser/end-by-reader.ts';
import { signalCode } from './exit-codes.ts';
import { runTrisiel } from './parser/run-trisiel.ts';

/** Grace period for a command to end after Ctrl-C or another signal. */
const GRACE_MS = 2000;

const interrupt = new AbortController();
let endedBy: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | undefined;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => {
    // A second signal exits immediately.
    if (endedBy !== undefined) process.exit(signalCode(name));
    endedBy = name;
    interrupt.abort();
    setTimeout(() => process.exit(signalCode(name)), GRACE_MS).unref();
  });
}
endByReader([process.stdout, process.stderr]);

const code = await runTrisiel(
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
process.exitCode = endedBy === undefined ? code : signalCode(endedBy);
