/**
 * Tells a caller how an asynchronous call ended: a POST to its X-Callback-Url, by the same way out as guests have.
 *
 * `Trisiel-Signature` is a JWT of the server's keys, which are at `/.well-known/jwks.json` of the API: `iss` is the
 * API's origin, `aud` the callback's, `jti` the call's id, and `sha256` the digest of the body in hexadecimal.
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
const PATIENCE_MS = 15_000;
const SIGNATURE_SECONDS = 300;

export interface CallbackOptions {
  readonly db: Database;
  readonly keys: KeyRing;
  readonly fetch: Fetch;
  readonly webOrigin: string;
  readonly runOrigin: string;
}

/** Throws where the other side did not answer with 2xx: the queue tries again, later each time. */
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
      // A redirect is not followed: its target was not what the caller named.
      redirect: 'manual',
      headers: {
        'content-type': 'application/json',
        'user-agent': `Trisiel (handler ${call.handlerName})`,
        [SIGNATURE_HEADER]: signature,
      },
      signal: AbortSignal.timeout(PATIENCE_MS),
    }),
  );
  await response.body?.cancel();
  if (!response.ok) throw new Error(`the callback was answered with ${response.status}`);
  await markCalledBack(db, callId);
}
