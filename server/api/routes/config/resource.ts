import { Type } from 'typebox';
import { closed, type Resource } from '../../route.ts';
import { time, Time } from '../../schemas.ts';
import type { ConfigKey } from '../../../db/handlers/config-values.ts';

export const CONFIG: Resource = {
  tag: 'Configuration',
  description:
    'Values that a handler finds in its environment. They are sealed at rest, and nobody can read them back.',
};

export const KEY_PATTERN = '^[A-Za-z_][A-Za-z0-9_]*$';
const VALUE_CHARACTERS = 16_384;

/** Values by key, as they are sent. */
export const ConfigValues = Type.Record(
  Type.String({ pattern: KEY_PATTERN }),
  Type.String({
    maxLength: VALUE_CHARACTERS,
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
