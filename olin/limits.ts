/** The limits of a run, and the messages for exceeding them. */
import type { Policy } from './policy/policy.ts';
import type { Limits, StopCode } from './types.ts';

/** Limits that apply unless the caller or the policy sets others. */
export const DEFAULT_LIMITS: Limits = {
  gas: 33_554_432,
  memoryPages: 256,
  wallMs: 10_000,
  outputBytes: 16 * 1024 * 1024,
  descriptors: 64,
  logBytes: 256 * 1024,
  traceCalls: 10_000,
};

/** Combines the limits of the caller and the policy; the lower one applies if both set a limit. */
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

/** Limits that the policy and the caller both set. */
const SHARED = {
  gas: { name: 'gas', directive: 'gas-limit', less: 'do less' },
  memory: { name: 'memory', directive: 'ram-page-limit', less: 'use less' },
} as const;

/** What to do about a limit of a run, as a sentence. The policy is mentioned only if raising it would help. */
export function describeRemedy(
  code: keyof typeof SHARED,
  wanted: Partial<Limits> | undefined,
  policy: Policy,
): string {
  const { name, directive, less } = SHARED[code];
  const [callers, policys] =
    code === 'gas' ? [wanted?.gas, policy.gasLimit] : [wanted?.memoryPages, policy.ramPageLimit];
  if (callers === undefined || callers > policys) {
    return `Raise ${directive} in the policy, or ${less}.`;
  }
  return wanted?.setBy === undefined
    ? `Raise the ${name} limit of the run, or ${less}.`
    : `${wanted.setBy} allows no more, even if the policy is changed: ${less}.`;
}

/** How a limit is described to a person, and where it is raised. */
interface LimitText {
  readonly what: string;
  readonly unit: string;
  readonly remedy: string;
}

const TEXTS = {
  gas: {
    what: 'its gas',
    unit: 'instructions',
    remedy: 'Do less.',
  },
  memory: {
    what: 'its memory',
    unit: 'pages of 64 KiB',
    remedy: 'Use less.',
  },
  time: {
    what: 'its time',
    unit: 'ms',
    remedy: 'Raise the time limit of the run, or wait for less.',
  },
  output: {
    what: 'its output',
    unit: 'bytes',
    remedy: 'Raise the output limit of the run, or write less.',
  },
  log: { what: 'its log', unit: 'bytes', remedy: 'Raise the log limit of the run, or log less.' },
  descriptors: {
    what: 'its open descriptors',
    unit: 'descriptors',
    remedy: 'Close what is no longer needed with resource_close.',
  },
} as const satisfies Partial<Record<StopCode, LimitText>>;

export type LimitCode = keyof typeof TEXTS;

/**
 * Names the limit, its value, what was used, and what to do.
 * @param remedy as a sentence; for gas and memory see {@link describeRemedy}
 */
export function describeLimit(
  code: LimitCode,
  limit: number,
  used: number,
  remedy: string = TEXTS[code].remedy,
): string {
  const { what, unit } = TEXTS[code];
  return `The guest used up ${what}: the limit is ${limit} ${unit}, and it used ${used}. ${remedy}`;
}
