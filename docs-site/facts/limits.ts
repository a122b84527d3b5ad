/** The default limits of a run, for the page about limits. The values come from the runtime. */
import { DEFAULT_LIMITS, type Limits } from '../../olin/index.ts';
import { formatBytes, formatCount, formatPages } from '../../olin/quantities.ts';

export interface LimitFact {
  readonly name: string;
  readonly value: string;
  /** What happens at the limit. */
  readonly stop: string;
}

/** Every field except `setBy`, which is not a limit but names who set the limits. */
type LimitName = Exclude<keyof Limits, 'setBy'>;

const WORDS: Readonly<Record<LimitName, (value: number) => LimitFact>> = {
  gas: (value) => ({
    name: 'Gas',
    value: `${formatCount(value)} instructions`,
    stop: 'The guest is stopped. Raise `gas-limit` in the policy.',
  }),
  memoryPages: (value) => ({
    name: 'Memory',
    value: formatPages(value),
    stop: 'Growing fails in the guest. A module whose initial memory exceeds the limit is refused. Raise `ram-page-limit` in the policy.',
  }),
  wallMs: (value) => ({
    name: 'Time',
    value: `${formatCount(value / 1000)} seconds, including waiting`,
    stop: 'The guest is stopped.',
  }),
  outputBytes: (value) => ({
    name: 'Output',
    value: `${formatBytes(value)}, standard output and error together`,
    stop: 'The guest is stopped.',
  }),
  descriptors: (value) => ({
    name: 'Open descriptors',
    value: formatCount(value),
    stop: 'The guest is stopped; opening a file of WASI returns `mfile` instead. Close what you no longer need.',
  }),
  logBytes: (value) => ({
    name: 'Log',
    value: formatBytes(value),
    stop: 'The guest is stopped.',
  }),
  traceCalls: (value) => ({
    name: 'Trace',
    value: `${formatCount(value)} calls`,
    stop: 'The guest continues. Later calls are counted in the bill, but not listed.',
  }),
};

/** Returns one row per limit. */
export function limitFacts(limits: Limits = DEFAULT_LIMITS): LimitFact[] {
  return (Object.keys(WORDS) as LimitName[]).map((key) => WORDS[key](limits[key]));
}
