/** The kinds of settings: how the text of an environment variable becomes a value. */

/** An environment variable. The property with its value has the name in camel case: `keepDays` for `KEEP_DAYS`. */
export interface Setting<T> {
  readonly description: string;
  /** Read if the variable is not set. */
  readonly default?: string;
  /** Bounds of an integer. */
  readonly bounds?: { readonly minimum: number; readonly maximum: number };
  /** Whether only the web process uses it: executor processes get a placeholder instead of the value. */
  readonly isWebOnly?: boolean;
  /** Returns undefined if the text is not valid. */
  readonly read: (text: string) => T | undefined;
}

/** A setting that always has a value. */
export interface DefaultedSetting<T> extends Setting<T> {
  readonly default: string;
}

export const text = (description: string): Setting<string> => ({
  description,
  read: (given) => given,
});

export const textOr = (otherwise: string, description: string): DefaultedSetting<string> => ({
  ...text(description),
  default: otherwise,
});

export const matching = (pattern: RegExp, description: string): Setting<string> => ({
  description,
  read: (given) => (pattern.test(given) ? given : undefined),
});

export const url = (description: string) => matching(/^https?:\/\/[^\s]+$/, description);

export const list = (description: string): Setting<readonly string[]> => ({
  description,
  read: splitList,
});

/** 32 bytes each, in base64. */
export const keys = (description: string): Setting<readonly Buffer[]> => ({
  description,
  read: (given) =>
    /^[A-Za-z0-9+/]{43}=(,[A-Za-z0-9+/]{43}=)*$/.test(given)
      ? given.split(',').map((key) => Buffer.from(key, 'base64'))
      : undefined,
});

export const whole = (
  description: string,
  otherwise: number,
  minimum: number,
  maximum: number,
): DefaultedSetting<number> => ({
  description,
  default: String(otherwise),
  bounds: { minimum, maximum },
  read: (given) => (/^[0-9]+$/.test(given) ? Number(given) : undefined),
});

export const flag = (description: string): DefaultedSetting<boolean> => ({
  description,
  default: 'false',
  read: (given) => (given === 'true' || given === 'false' ? given === 'true' : undefined),
});

export const choice = <T extends string>(
  choices: readonly T[],
  description: string,
): Setting<T> => ({
  description,
  read: (given) => choices.find((each) => each === given),
});

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
