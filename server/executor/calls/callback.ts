/**
 * Reports the end of an asynchronous call: a POST to its X-Callback-Url, under the same egress rules as guests.
 *
 * `Trisiel-Signature` is a JWT signed by the server's keys (`/.well-known/jwks.json` of the API): `iss` is the API's
 * origin, `aud` the callback's origin, `jti` the call's id, and `sha256` the hexadecimal digest of the body.
 */
import { SignJWT } from 'jose';
import { createHash } from 'node:crypto';
import type { KeyRing } from '../../auth/keys.ts';
import { findCall, markCalledBack } from '../../db/runs/calls.ts';
import type { Database } from '../../db/connection/database.ts';
import type { Fetch } from '../egress/fetch.ts';
import { viewCall } from './view.ts';

const SIGNATURE_HEADER = 'Trisiel-Signature';
const TYPE = 'callback+jwt';
const TIMEOUT_MS = 15_000;
const SIGNATURE_SECONDS = 300;

export interface CallbackOptions {
  readonly db: Database;
  readonly keys: KeyRing;
  readonly fetch: Fetch;
  readonly webOrigin: string;
  readonly runOrigin: string;
}

/** Throws unless the receiver answers 2xx; the queue then retries with growing delays. */
export async function sendCallback(options: CallbackOptions, callId: string): Promise<void> {
  const { db, keys, fetch, webOrigin, runOrigin } = options;
  const call = await findCall(db, callId);
  if (call === undefined || call.callbackUrl === null || call.calledBackAt !== null) return;
  const body = JSON.stringify(await viewCall(db, call, runOrigin));
  const { kid, key } = await keys.signer();
  const signature = await new SignJWT({ sha256: createHash('sha256').update(body).digest('hex') })
    .setProtectedHeader({ alg: 'EdDSA', typ: TYPE, kid })
    .setIssuer(webOrigin)
    .setAudience(new URL(call.callbackUrl).origin)
    .setJti(call.id)
    .setIssuedAt()
    .setExpirationTime(`${SIGNATURE_SECONDS}s`)
    .sign(key);
  const response = await fetch(
    new Request(call.callbackUrl, {
      method: 'POST',
      body,
      // Redirects are not followed: the caller did not name their target.
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'user-agent': `Trisiel (handler ${call.handlerName})`,
        [SIGNATURE_HEADER]: signature,
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }),
  );
  await response.body?.cancel();
  if (!response.ok)
    throw new Error(`the receiver of the callback responded with ${response.status}`);
  await markCalledBack(db, callId);
}
