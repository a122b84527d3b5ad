/** The limits of each tier: the table that is enforced and that the documentation renders. */

/** Description and unit of each limit. Each tier below has a value for each. */
export const LIMITS = {
  handlers: { what: 'Active handlers', unit: '' },
  moduleBytes: { what: 'Module size', unit: 'bytes' },
  memoryPages: { what: 'Memory per run', unit: 'pages of 64 KiB' },
  gas: { what: 'Gas per run', unit: 'instructions' },
  wallMs: { what: 'Time per run', unit: 'ms' },
  configKeys: { what: 'Configuration keys per handler', unit: '' },
  runsPerDay: { what: 'Runs per day', unit: '' },
  /** For a caller without the owner's token, across all executors; half of it in a burst. */
  callerRunsPerDay: { what: 'Runs per day and caller', unit: '' },
  concurrentRuns: { what: 'Concurrent runs', unit: '' },
  tokens: { what: 'Active tokens', unit: '' },
  requestsPerMinute: { what: 'API requests per minute', unit: '' },
  uploadsPerMinute: { what: 'Uploads per minute', unit: '' },
  uploadsPerDay: { what: 'Uploads per day', unit: '' },
  storedBytes: { what: 'Total size of all modules', unit: 'bytes' },
} as const satisfies Readonly<Record<string, { readonly what: string; readonly unit: string }>>;

export type LimitName = keyof typeof LIMITS;

export type TierLimits = Readonly<Record<LimitName, number>>;

export interface Tier {
  /** Its number: a higher tier may do more. */
  readonly tier: number;
  readonly name: string;
  readonly summary: string;
  readonly limits: TierLimits;
}

/** In ascending order. */
export const TIERS = [
  {
    tier: 0,
    name: 'Reader',
    summary: 'Read-only, with the examples in the browser. The tier of new users.',
    limits: {
      handlers: 0,
      moduleBytes: 0,
      memoryPages: 0,
      gas: 0,
      wallMs: 0,
      configKeys: 0,
      runsPerDay: 0,
      callerRunsPerDay: 0,
      concurrentRuns: 0,
      tokens: 5,
      requestsPerMinute: 120,
      uploadsPerMinute: 0,
      uploadsPerDay: 0,
      storedBytes: 0,
    },
  },
  {
    tier: 1,
    name: 'Free',
    summary: 'May deploy. Approved on application.',
    limits: {
      handlers: 20,
      moduleBytes: 4 * 1024 * 1024,
      memoryPages: 512,
      gas: 1_000_000_000,
      wallMs: 10_000,
      configKeys: 32,
      runsPerDay: 50_000,
      callerRunsPerDay: 5000,
      concurrentRuns: 16,
      tokens: 20,
      requestsPerMinute: 600,
      uploadsPerMinute: 30,
      uploadsPerDay: 200,
      storedBytes: 256 * 1024 * 1024,
    },
  },
  {
    tier: 2,
    name: 'Plus',
    summary: 'May deploy more and larger handlers. Granted by an administrator.',
    limits: {
      handlers: 200,
      moduleBytes: 16 * 1024 * 1024,
      memoryPages: 2048,
      gas: 20_000_000_000,
      wallMs: 60_000,
      configKeys: 128,
      runsPerDay: 2_000_000,
      callerRunsPerDay: 200_000,
      concurrentRuns: 128,
      tokens: 100,
      requestsPerMinute: 3000,
      uploadsPerMinute: 120,
      uploadsPerDay: 2000,
      storedBytes: 4 * 1024 * 1024 * 1024,
    },
  },
] as const satisfies readonly Tier[];

export type TierNumber = (typeof TIERS)[number]['tier'];

export const LIMIT_NAMES = Object.keys(LIMITS).filter(isLimit);

function isLimit(name: string): name is LimitName {
  return Object.hasOwn(LIMITS, name);
}

/** The lowest tier that may deploy. */
export const DEPLOY_TIER: TierNumber = 1;

export const HIGHEST_TIER = Math.max(...TIERS.map(({ tier }) => tier));

/** The largest module that any tier may upload. */
export const LARGEST_MODULE_BYTES = Math.max(...TIERS.map(({ limits }) => limits.moduleBytes));

/** The longest deadline of any tier, in milliseconds. */
export const LONGEST_RUN_MS = Math.max(...TIERS.map(({ limits }) => limits.wallMs));

/** Returns a tier by its number. An unknown number counts as 0. */
export function tierOf(tier: number): Tier {
  return TIERS.find((each) => each.tier === tier) ?? TIERS[0];
}

/** The limits of {@link tierOf}. */
export function limitsOf(tier: number): TierLimits {
  return tierOf(tier).limits;
}
