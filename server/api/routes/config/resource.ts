import { Type } from 'typebox';
import { closed, type RouteGroup } from '../../route.ts';
import { time, Time } from '../../schemas.ts';
import type { ConfigKey } from '../../../db/handlers/config-values.ts';

export const CONFIG: RouteGroup = {
  tag: 'Configuration',
  description:
    'Environment variables of a handler. They are encrypted at rest and cannot be read back.',
};

export const KEY_PATTERN = '^[A-Za-z_][A-Za-z0-9_]*$';
const MAX_VALUE_LENGTH = 16_384;

/** Values by key, in requests. */
export const ConfigValues = Type.Record(
  Type.String({ pattern: KEY_PATTERN }),
  Type.String({
    maxLength: MAX_VALUE_LENGTH,
    pattern: '^[^\\u0000]*$',
    description: 'Any text without NUL.',
    writeOnly: true,
    'x-form': 'without the character NUL',
  }),
  { minProperties: 1, maxProperties: 128, additionalProperties: false },
);

export const KeysView = closed({
  keys: Type.Array(closed({ key: Type.String(), setBy: Type.String(), updatedAt: Time })),
});

export function viewKeys(keys: readonly ConfigKey[]) {
  return {
    keys: keys.map(({ key, setBy, updatedAt }) => ({ key, setBy, updatedAt: time(updatedAt) })),
  };
}
