/** Tokens are JWTs. Their `jti` is looked up on each request, so that revocation takes effect at once. */
import { decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import { ProblemError } from '../problems/problems.ts';
import { ALGORITHM, type KeyRing } from './keys.ts';

/** The `typ` of tokens, so that no other JWT of this server is accepted as one. */
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

/** Maximum length of a token that is decoded. */
const MAX_TOKEN_LENGTH = 4096;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Verifies everything except revocation. Throws an `invalid-token` problem. */
export async function verifyToken(
  { keys, origin, clock }: TokenContext,
  token: string,
): Promise<{ readonly jti: string; readonly userId: string }> {
  const key = token.length > MAX_TOKEN_LENGTH ? undefined : await keys.publicKey(readKid(token));
  if (key === undefined) throw invalid('The token was not issued by this server.');
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
    if (!UUID.test(jti) || !UUID.test(sub))
      throw invalid('The token was not issued by this server.');
    return { jti, userId: sub };
  } catch (error) {
    if (error instanceof ProblemError) throw error;
    if (error instanceof errors.JWTExpired)
      throw invalid('The token has expired. Create a new one.');
    if (error instanceof errors.JOSEError)
      throw invalid('The token was not issued by this server.');
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
    // Reported below, like any other foreign token.
  }
  throw invalid('The token was not issued by this server.');
}
