/** The limits of a run, and the stop that follows when one is passed. */
import type { Policy } from './policy/policy.ts';
import type { Limits, TrapCode } from './types.ts';

/** What a run may use where its caller and its policy say nothing. */
export const DEFAULT_LIMITS: Limits = {
  gas: 33_554_432,
  memoryPages: 128,
  wallMs: 10_000,
  outputBytes: 16 * 1024 * 1024,
  descriptors: 64,
  logBytes: 256 * 1024,
  traceCalls: 10_000,
};

/** The policy's limits and the caller's, the lower of the two where both speak. */
export function chooseLimits(wanted: Partial<Limits> | undefined, policy: Policy): Limits {
  const { wallMs, outputBytes, descriptors, logBytes, traceCalls } = DEFAULT_LIMITS;
  return {
    gas: Math.min(wanted?.gas ?? Infinity, policy.gasLimit),
    memoryPages: Math.min(wanted?.memoryPages ?? Infinity, policy.ramPageLimit),
    wallMs: wanted?.wallMs ?? wallMs,
    outputBytes: wanted?.outputBytes ?? outputBytes,
    descriptors: wanted?.descriptors ?? descriptors,
    logBytes: wanted?.logBytes ?? logBytes,
    traceCalls: wanted?.traceCalls ?? traceCalls,
  };
}

/** How a limit is told to a person, and where it is raised. */
interface LimitText {
  readonly what: string;
  readonly unit: string;
  readonly raise: string;
}

const TEXTS = {
  gas: {
    what: 'its gas',
    unit: 'instructions',
    raise: 'Raise gas-limit in the policy, or do less.',
  },
  memory: {
    what: 'its memory',
    unit: 'pages of 64 KiB',
    raise: 'Raise ram-page-limit in the policy, or use less.',
  },
  time: {
    what: 'its time',
    unit: 'ms',
    raise: 'Raise the time limit of the run, or wait for less.',
  },
  output: {
    what: 'its output',
    unit: 'bytes',
    raise: 'Raise the output limit of the run, or write less.',
  },
  log: { what: 'its log', unit: 'bytes', raise: 'Raise the log limit of the run, or log less.' },
  descriptors: {
    what: 'its open descriptors',
    unit: 'descriptors',
    raise: 'Close what is no longer needed with resource_close.',
  },
} as const satisfies Partial<Record<TrapCode, LimitText>>;

export type LimitCode = keyof typeof TEXTS;

/** One sentence that names the limit, its value, what was used, and the way to raise it. */
export function describeLimit(code: LimitCode, limit: number, used: number): string {
  const { what, unit, raise } = TEXTS[code];
  return `The guest used up ${what}: the limit is ${limit} ${unit}, and it came to ${used}. ${raise}`;
}
