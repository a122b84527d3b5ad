/** Encrypts values again with the first of SECRET_KEYS, so that older keys can be removed. */
import type { Logger } from 'pino';
import {
  listSealedOtherwise,
  placeOfValue,
  resealValue,
  type SealedRow,
} from '../../db/handlers/config-values.ts';
import type { Database } from '../../db/connection/database.ts';
import { findSealedKey, resealSigningKey } from '../../db/accounts/signing-keys.ts';
import type { Sealer } from '../../sealer.ts';
import { placeOfKey } from '../../auth/keys.ts';

const BATCH_ROWS = 100;

/** Returns how many values were encrypted again. Values that no key can decrypt are left unchanged and logged. */
export async function reseal(db: Database, sealer: Sealer, log: Logger): Promise<number> {
  const { head } = sealer;
  let count = 0;
  const lost: string[] = [];
  const again = (sealed: Uint8Array, place: string): Buffer | undefined => {
    try {
      const fresh = sealer.seal(sealer.open(sealed, place), place);
      count += 1;
      return fresh;
    } catch {
      lost.push(place);
      return undefined;
    }
  };
  // A retired key no longer signs: only its public half is needed.
  for (const kind of ['tokens', 'callbacks'] as const) {
    const key = await findSealedKey(db, kind);
    if (key === undefined) continue;
    if (head.equals(key.sealedPrivateJwk.subarray(0, head.length))) continue;
    const fresh = again(key.sealedPrivateJwk, placeOfKey(key.kid));
    if (fresh !== undefined) await resealSigningKey(db, kind, key, fresh);
  }
  let after: SealedRow | undefined;
  for (;;) {
    const rows = await listSealedOtherwise(db, head, { after, limit: BATCH_ROWS });
    for (const row of rows) {
      const fresh = again(row.sealedValue, placeOfValue(row.handlerId, row.key));
      if (fresh !== undefined) await resealValue(db, row, fresh);
    }
    after = rows.at(-1);
    if (after === undefined) break;
  }
  if (lost.length > 0) {
    const examples = lost.slice(0, 5);
    log.warn(
      { count: lost.length, examples },
      'values cannot be decrypted with SECRET_KEYS: add the key that encrypted them, or set the values again',
    );
  }
  return count;
}
