/** Tokens: JWTs whose jti is looked up, so that a revoked one is dead at once. */
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import { ProblemError } from '../problems/problems.ts';
import { ALGORITHM, type KeyRing } from './keys.ts';

/** What a token says it is, so that no other JWT of ours passes for one. */
const TYPE = 'at+jwt';

export interface TokenClaims {
  readonly jti: string;
  readonly userId: string;
  readonly scopes: readonly string[];
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

export interface TokenContext {
  readonly keys: KeyRing;
  /** The API's origin: issuer and audience. */
  readonly origin: string;
  readonly clock: () => Date;
}

export async function signToken(
  { keys, origin }: TokenContext,
  claims: TokenClaims,
): Promise<string> {
  const { kid, key } = await keys.signer();
  return new SignJWT({ scope: claims.scopes.join(' ') })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid })
    .setIssuer(origin)
    .setAudience(origin)
    .setSubject(claims.userId)
    .setJti(claims.jti)
    .setIssuedAt(claims.issuedAt)
    .setExpirationTime(claims.expiresAt)
    .sign(key);
}

/** Bounds what is decoded at all. */
const LONGEST_TOKEN = 4096;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Checks all but whether it was revoked. Throws an `invalid-token` problem. */
export async function verifyToken(
  { keys, origin, clock }: TokenContext,
  token: string,
): Promise<{ readonly jti: string; readonly userId: string }> {
  const key = token.length > LONGEST_TOKEN ? undefined : await keys.publicKey(readKid(token));
  if (key === undefined) throw invalid('The token was not made by this server.');
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [ALGORITHM],
      issuer: origin,
      audience: origin,
      typ: TYPE,
      requiredClaims: ['exp', 'jti', 'sub'],
      currentDate: clock(),
    });
    const { jti = '', sub = '' } = payload;
    if (!UUID.test(jti) || !UUID.test(sub)) throw invalid('The token was not made by this server.');
    return { jti, userId: sub };
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    if (error instanceof errors.JWTExpired) throw invalid('The token has expired. Make a new one.');
    if (error instanceof errors.JOSEError) throw invalid('The token was not made by this server.');
    throw error;
  }
}

export function invalid(detail: string): ProblemError {
  return new ProblemError('invalid-token', detail, {
    headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
  });
}

function readKid(token: string): string {
  try {
    const { kid, alg } = decodeProtectedHeader(token);
    if (alg === ALGORITHM && kid !== undefined) return kid;
  } catch {
    // Told below, as every other token that is not ours.
  }
  throw invalid('The token was not made by this server.');
}
