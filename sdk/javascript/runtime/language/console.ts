/** console, which writes to the log of the run. */
import { host } from '../host.ts';
import { format, inspect } from './inspect.ts';

/** The levels of the log. */
export const LEVEL = { error: 1, warning: 3, info: 6 } as const;

let indentation = '';
const counts = new Map<string, number>();
const starts = new Map<string, number>();

function write(level: number, args: readonly unknown[]): void {
  const text = format(args);
  host().log(level, indentation === '' ? text : text.replaceAll(/^/gm, indentation));
}

const info = (...args: unknown[]): void => write(LEVEL.info, args);
const warn = (...args: unknown[]): void => write(LEVEL.warning, args);
const error = (...args: unknown[]): void => write(LEVEL.error, args);

export const console = {
  log: info,
  info,
  debug: info,
  warn,
  error,
  trace: (...args: unknown[]): void =>
    write(LEVEL.info, ['Trace:', ...args, new Error('here').stack ?? '']),
  dir: (value: unknown): void => write(LEVEL.info, [inspect(value)]),
  table: (value: unknown): void => write(LEVEL.info, [inspect(value)]),
  assert: (holds: unknown, ...args: unknown[]): void => {
    if (!holds) write(LEVEL.error, ['Assertion failed', ...args]);
  },
  count: (label = 'default'): void => {
    const count = (counts.get(label) ?? 0) + 1;
    counts.set(label, count);
    write(LEVEL.info, [`${label}: ${count}`]);
  },
  countReset: (label = 'default'): void => void counts.delete(label),
  group: (...args: unknown[]): void => {
    if (args.length > 0) write(LEVEL.info, args);
    indentation += '  ';
  },
  groupEnd: (): void => {
    indentation = indentation.slice(2);
  },
  time: (label = 'default'): void => void starts.set(label, host().monotonic()),
  timeLog: (label = 'default'): void => tellTime(label),
  timeEnd: (label = 'default'): void => {
    tellTime(label);
    starts.delete(label);
  },
};

function tellTime(label: string): void {
  const start = starts.get(label);
  if (start === undefined) write(LEVEL.warning, [`There is no timer "${label}"`]);
  else write(LEVEL.info, [`${label}: ${(host().monotonic() - start).toFixed(3)} ms`]);
}
