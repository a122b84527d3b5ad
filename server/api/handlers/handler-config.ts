/** Checks and sets configuration values of a handler. */
import { countConfigKeys, placeOfValue, setConfigValue } from '../../db/handlers/config-values.ts';
import type { Queryable } from '../../db/connection/database.ts';
import { invalidField, ProblemError } from '../../problems/problems.ts';
import type { Sealer } from '../../sealer.ts';
import type { Caller } from '../auth/caller.ts';

export const KEY_CHARACTERS = 64;

export type ConfigEntries = readonly (readonly [key: string, value: string])[];

/** Variables that the request (RFC 3875) or the platform sets. A value of the same name would be hidden or misleading. */
const RESERVED =
  /^(HTTP_.*|HTTPS|AUTH_TYPE|CONTENT_(LENGTH|TYPE)|GATEWAY_INTERFACE|PATH_(INFO|TRANSLATED)|QUERY_STRING|REMOTE_.*|REQUEST_.*|SCRIPT_.*|SERVER_.*|RUN_ID|WORKER_ID|HANDLER_ID)$/i;

/**
 * Throws an `invalid-request` problem for a key that is reserved or too long.
 *
 * @param field the position of the object in the request, such as `body/set`
 */
export function checkKeys(entries: ConfigEntries, field: string): void {
  for (const [key] of entries) {
    if (!RESERVED.test(key)) continue;
    throw invalidField(
      `${field}/${key}`,
      'a reserved key',
      'another key: not HTTP_…, REQUEST_…, SERVER_…, REMOTE_…, SCRIPT_…, CONTENT_… and similar names',
    );
  }
  const long = entries.find(([key]) => key.length > KEY_CHARACTERS);
  if (long === undefined) return;
  throw new ProblemError('invalid-request', `A key has at most ${KEY_CHARACTERS} characters.`, {
    errors: [
      {
        field,
        found: `a key of ${long[0].length} characters`,
        allowed: `at most ${KEY_CHARACTERS}`,
      },
    ],
  });
}

/**
 * Encrypts and sets the values. Throws a `limit-reached` problem if the handler would have more keys than the tier
 * allows.
 */
export async function setValues(
  tx: Queryable,
  sealer: Sealer,
  user: Caller,
  handlerId: string,
  entries: ConfigEntries,
): Promise<void> {
  for (const [key, value] of entries) {
    const sealedValue = sealer.seal(value, placeOfValue(handlerId, key));
    await setConfigValue(tx, { handlerId, key, sealedValue, setBy: user.id });
  }
  const { configKeys } = user.limits;
  if ((await countConfigKeys(tx, handlerId)) > configKeys) {
    throw new ProblemError(
      'limit-reached',
      `The handler would have more than ${configKeys} keys, which is what your tier allows. Unset some first.`,
    );
  }
}
