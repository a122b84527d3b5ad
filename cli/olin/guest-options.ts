/** Options of a guest's run, the same for `npm run olin`, `trisiel run` and `trisiel dev`. */
import { UsageError } from '../errors.ts';
import type { OptionSpecs } from '../parser/command.ts';

export const GUEST_OPTIONS = {
  request: {
    kind: 'text',
    short: 'r',
    value: "'METHOD /PATH'",
    description:
      "Runs the module as an HTTP handler for one request: 'GET /path?query', or a path alone.",
  },
  header: {
    kind: 'list',
    short: 'H',
    value: "'NAME: VALUE'",
    description: 'Adds a header to the request. Can be repeated.',
  },
  policy: {
    kind: 'text',
    value: 'FILE',
    description: 'Applies a policy file: the URLs that the guest may open, and its limits.',
  },
  env: {
    kind: 'list',
    short: 'e',
    value: 'KEY=VALUE',
    description: 'Sets an environment variable of the guest. Can be repeated.',
  },
  dir: {
    kind: 'list',
    value: 'FOLDER[::/PATH]',
    description:
      'Gives a WASI program a copy of a folder as / or /PATH. What it writes stays in memory, and is discarded. Can be repeated.',
  },
  entry: {
    kind: 'text',
    value: 'NAME',
    description: 'Starts the module at the exported function NAME instead of _start.',
  },
  raw: {
    kind: 'flag',
    description:
      'Writes the guest’s output to the terminal as it is, with colours and other control characters. They can change the terminal: only for guests that you trust.',
  },
  trace: {
    kind: 'flag',
    description: 'Prints each system call with its arguments, result and time.',
  },
  profile: {
    kind: 'flag',
    description: 'Prints the gas of each function at the end, largest first.',
  },
} as const satisfies OptionSpecs;

/** Splits the value of `--env`. Throws a UsageError if it is not `KEY=VALUE`. */
export function splitVariable(pair: string): [string, string] {
  const at = pair.indexOf('=');
  if (at < 1) throw new UsageError(`--env is "${pair}"; write it as KEY=VALUE.`);
  return [pair.slice(0, at), pair.slice(at + 1)];
}
