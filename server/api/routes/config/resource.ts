import { Type } from 'typebox';
import { invalidField, type ProblemError } from '../../../problems.ts';
import { closed, type Resource } from '../../route.ts';
import { time, Time } from '../../schemas.ts';
import type { ConfigKey } from '../../../db/config-values.ts';

export const CONFIG: Resource = {
  tag: 'Configuration',
  description:
    'Values that a handler finds in its environment. They are sealed at rest, and nobody can read them back.',
};

export const KEY_PATTERN = '^[A-Za-z_][A-Za-z0-9_]*$';
export const KEY_CHARACTERS = 64;
export const VALUE_CHARACTERS = 16_384;

/** Variables that a request sets (RFC 3875), or the platform: a value of the same name would never be seen, or mislead. */
const RESERVED =
  /^(HTTP_.*|HTTPS|AUTH_TYPE|CONTENT_(LENGTH|TYPE)|GATEWAY_INTERFACE|PATH_(INFO|TRANSLATED)|QUERY_STRING|REMOTE_.*|REQUEST_.*|SCRIPT_.*|SERVER_.*|RUN_ID|WORKER_ID|HANDLER_ID)$/i;

/** Refuses a key that a request would hide. */
export function checkKey(key: string): void {
  if (RESERVED.test(key)) {
    throw refuseKey(
      key,
      'another key: not HTTP_…, REQUEST_…, SERVER_…, REMOTE_…, SCRIPT_…, CONTENT_… and the like',
    );
  }
}

function refuseKey(key: string, allowed: string): ProblemError {
  return invalidField(`body/set/${key}`, 'a key that a request sets', allowed);
}

export const KeysView = closed({
  keys: Type.Array(closed({ key: Type.String(), setBy: Type.String(), updatedAt: Time })),
});

export function viewKeys(keys: readonly ConfigKey[]) {
  return {
    keys: keys.map(({ key, setBy, updatedAt }) => ({ key, setBy, updatedAt: time(updatedAt) })),
  };
}
