/**
 * Faults of the channel to another process. Node parses its messages in internal callbacks, and throws for those that
 * it cannot parse: a line longer than a string may be, or a message that claims to carry a handle. An intruder in a
 * process could thereby end its supervisor. The fault is ignored; the watchdog ends the process, because its answers no
 * longer arrive.
 */

/** Whether an uncaught error was thrown by Node while it read from the channel of a child process. */
export function isChannelFault(error: unknown): boolean {
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  // Without the message, which quotes the received data.
  const calls = stack.split('\n').filter((line) => /^ +at /.test(line));
  const has = (part: string): boolean => calls.some((line) => line.includes(part));
  return has('node:internal/child_process') && !has('file://');
}

/** Ignores such faults in this process, and reports the first. Other uncaught errors still end it. */
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
