/** The options of `npm run olin`: from this table come the parser, `--help`, and the page in the documentation. */
import { parseArgs } from 'node:util';

export interface OptionRow {
  readonly name: string;
  readonly short?: string;
  /** Placeholder of the value; absent for a flag. */
  readonly value?: string;
  readonly repeats?: boolean;
  readonly doc: string;
}

export const OPTIONS: readonly OptionRow[] = [
  {
    name: 'env',
    value: 'KEY=VALUE',
    repeats: true,
    doc: 'Sets a variable of the environment. Can be given again.',
  },
  {
    name: 'policy',
    value: 'FILE',
    doc: 'Applies a policy file: what URLs may be opened, how much gas and memory may be used.',
  },
  {
    name: 'cgi',
    value: "'METHOD /PATH'",
    doc: 'Runs the module as an HTTP handler and prints the response, its head first.',
  },
  {
    name: 'header',
    value: "'NAME: VALUE'",
    repeats: true,
    doc: 'With --cgi: adds a request header.',
  },
  {
    name: 'body',
    value: 'TEXT',
    doc: 'With --cgi: the request body; without it, standard input is.',
  },
  { name: 'trace', doc: 'Prints each system call with its arguments, its result and its time.' },
  { name: 'stats', doc: 'Ends with the bill: gas, memory, system calls, bytes, time.' },
  {
    name: 'profile',
    doc: 'Ends with the gas of each function, the most first; it adds up to the gas of the bill.',
  },
  { name: 'time-limit', value: 'MS', doc: 'Stops the guest after so many milliseconds (10000).' },
  { name: 'inspect', doc: 'Tells what the module imports and exports, and runs nothing.' },
  { name: 'json', doc: 'With --inspect: as JSON.' },
  { name: 'meter', doc: 'Writes the module with metering woven in to --output, and runs nothing.' },
  { name: 'output', short: 'o', value: 'FILE', doc: 'With --meter: where the module goes.' },
  { name: 'help', short: 'h', doc: 'Prints this text.' },
];

/** Exit statuses defined by the command. */
export const EXIT_STATUSES = {
  usage: { status: 64, doc: 'The command line is wrong.' },
  input: { status: 65, doc: 'The module, the policy or another file is wrong.' },
  trap: { status: 70, doc: 'The guest trapped, or was stopped at a limit or by its policy.' },
} as const;

export const USAGE = 'npm run olin -- [OPTION …] MODULE.wasm [ARGUMENT …]';

export function helpText(): string {
  const rows = OPTIONS.map(({ name, short, value, doc }) => {
    const flag = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`;
    return `  ${flag.padEnd(26)} ${doc}`;
  });
  const statuses = Object.values(EXIT_STATUSES).map(
    ({ status, doc }) => `  ${String(status).padEnd(26)} ${doc}`,
  );
  return [
    `Usage: ${USAGE}`,
    '',
    'Runs a WebAssembly module on the Olin runtime. Its standard input, output and error are the terminal’s.',
    'An argument for the guest that begins with a dash goes after --.',
    '',
    'Options:',
    ...rows,
    '',
    'The exit status is the guest’s, or one of these:',
    ...statuses,
    '',
  ].join('\n');
}

export interface CommandLine {
  /** The module's path, then the guest's arguments. */
  readonly words: readonly string[];
  has(name: string): boolean;
  one(name: string): string | undefined;
  all(name: string): readonly string[];
}

/** An error in the command line, described by the message. */
export class UsageError extends Error {}

/** Throws a {@link UsageError} if an option is unknown or lacks its value. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  try {
    return parse(argv);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!(error instanceof Error) || !code.startsWith('ERR_PARSE_ARGS')) throw error;
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw new UsageError(`${error.message}.`);
    const [, name = ''] = /'-{1,2}([^'=]*)/.exec(error.message) ?? [];
    const near = OPTIONS.find((option) => option.name.startsWith(name.slice(0, 3)));
    const hint = near === undefined || name === '' ? '' : ` Did you mean --${near.name}?`;
    throw new UsageError(
      `There is no option --${name}.${hint} An argument for the guest that begins with a dash goes after --.`,
    );
  }
}

function parse(argv: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: Object.fromEntries(
      OPTIONS.map(({ name, short, value }) => [
        name,
        {
          type: value === undefined ? ('boolean' as const) : ('string' as const),
          multiple: value !== undefined,
          ...(short === undefined ? {} : { short }),
        },
      ]),
    ),
  });
  const texts = (name: string): string[] => {
    const given = values[name];
    return Array.isArray(given) ? given.map(String) : [];
  };
  return {
    words: positionals,
    has: (name) => values[name] === true,
    one: (name) => texts(name).at(-1),
    all: texts,
  };
}
