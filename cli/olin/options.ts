/** The options of `npm run olin`. The parser, `--help` and the documentation derive from this table. */
import { parseArgs } from 'node:util';
import { UsageError } from '../errors.ts';
import type { OptionSpec, OptionSpecs } from '../parser/command.ts';
import { GUEST_OPTIONS } from './guest-options.ts';

export const OPTIONS = {
  env: GUEST_OPTIONS.env,
  policy: GUEST_OPTIONS.policy,
  cgi: GUEST_OPTIONS.request,
  header: GUEST_OPTIONS.header,
  body: {
    kind: 'text',
    value: 'TEXT',
    description: 'With --cgi: the body of the request. Default: standard input.',
  },
  dir: GUEST_OPTIONS.dir,
  entry: GUEST_OPTIONS.entry,
  trace: GUEST_OPTIONS.trace,
  stats: {
    kind: 'flag',
    description: 'Prints the bill at the end: gas, memory, system calls, bytes and time.',
  },
  profile: GUEST_OPTIONS.profile,
  'time-limit': {
    kind: 'text',
    value: 'MS',
    description: 'Stops the guest after this many milliseconds. Default: 10000.',
  },
  raw: GUEST_OPTIONS.raw,
  inspect: {
    kind: 'flag',
    description: 'Describes the imports and exports of the module instead of running it.',
  },
  json: { kind: 'flag', description: 'With --inspect: writes JSON.' },
  meter: {
    kind: 'flag',
    description: 'Writes the metered module to --output instead of running it.',
  },
  output: {
    kind: 'text',
    short: 'o',
    value: 'FILE',
    description: 'With --meter: where to write the module.',
  },
  help: { kind: 'flag', short: 'h', description: 'Prints this help.' },
} as const satisfies OptionSpecs;

type Options = typeof OPTIONS;
type NameOf<Kind extends OptionSpec['kind']> = {
  [Name in keyof Options]: Options[Name]['kind'] extends Kind ? Name : never;
}[keyof Options];

/** Exit statuses defined by the command. */
export const EXIT_STATUSES = {
  usage: { status: 64, doc: 'The command line is wrong.' },
  input: { status: 65, doc: 'The module, the policy or another file is wrong.' },
  trap: { status: 70, doc: 'The guest trapped, or was stopped at a limit or by its policy.' },
} as const;

const SPECS: readonly (readonly [string, OptionSpec])[] = Object.entries(OPTIONS);

export const USAGE = 'npm run olin -- [OPTION …] MODULE.wasm [ARGUMENT …]';

export function helpText(): string {
  const rows = SPECS.map(
    ([name, spec]) => `  ${flagOf(name, spec).padEnd(26)} ${spec.description}`,
  );
  const statuses = Object.values(EXIT_STATUSES).map(
    ({ status, doc }) => `  ${String(status).padEnd(26)} ${doc}`,
  );
  return [
    `Usage: ${USAGE}`,
    '',
    'Runs a WebAssembly module on the Olin runtime, with the standard input, output and error of the terminal.',
    'Arguments of the guest that begin with a dash go after --.',
    '',
    'Options:',
    ...rows,
    '',
    'The exit status is that of the guest, or one of these:',
    ...statuses,
    '',
  ].join('\n');
}

/** `-o, --output FILE` */
function flagOf(name: string, spec: OptionSpec): string {
  const short = spec.short === undefined ? '' : `-${spec.short}, `;
  return `${short}--${name}${spec.kind === 'flag' ? '' : ` ${spec.value}`}`;
}

export interface CommandLine {
  /** The module's path, then the guest's arguments. */
  readonly words: readonly string[];
  has(name: NameOf<'flag'>): boolean;
  /** The last value, if the option was repeated. */
  one(name: NameOf<'text'>): string | undefined;
  all(name: NameOf<'list'>): readonly string[];
}

/** Throws a {@link UsageError} if an option is unknown or lacks its value. */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  try {
    return parse(argv);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!(error instanceof Error) || !code.startsWith('ERR_PARSE_ARGS')) throw error;
    if (code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') throw new UsageError(`${error.message}.`);
    const [, name = ''] = /'-{1,2}([^'=]*)/.exec(error.message) ?? [];
    const near = Object.keys(OPTIONS).find((option) => option.startsWith(name.slice(0, 3)));
    const hint = near === undefined || name === '' ? '' : ` Did you mean --${near}?`;
    throw new UsageError(
      `There is no option --${name}.${hint} Arguments of the guest that begin with a dash go after --.`,
    );
  }
}

function parse(argv: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: Object.fromEntries(
      SPECS.map(([name, { kind, short }]) => [
        name,
        {
          type: kind === 'flag' ? ('boolean' as const) : ('string' as const),
          multiple: kind !== 'flag',
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
