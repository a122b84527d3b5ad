/**
 * Faults of the channel to another process. Node parses what it receives there in callbacks of its own, and throws for
 * what it cannot parse: a line longer than a string may be, or a message that claims to carry a handle. A process that
 * an intruder controls could so end its supervisor. The fault is ignored; the watchdog ends the process, whose answers no
 * longer arrive.
 */

/** Whether an uncaught error was thrown by Node while it read from the channel of a child process. */
export function isChannelFault(error: unknown): boolean {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  // Without the message, which quotes what was received.
  const calls = stack.split('\n').filter((line) => /^ +at /.test(line));
  const has = (part: string): boolean => calls.some((line) => line.includes(part));
  return has('node:internal/child_process') && !has('file://');
}

/** Ignores such faults in this process, and reports the first. Other uncaught errors end it, as without this. */
export function ignoreChannelFaults(say: (text: string) => void): void {
  let isKnown = false;
  process.on('uncaughtException', (error) => {
    if (!isChannelFault(error)) {
      say(error instanceof Error ? (error.stack ?? error.message) : String(error));
      process.exit(1);
    }
    if (!isKnown) say(`A process sends what cannot be read (${error.message}).`);
    isKnown = true;
  });
}
