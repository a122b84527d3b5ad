/** Parses tokens without verifying them, which needs the server's keys. */

/** Requires three base64url parts. Other text must not be put in a header, because the error for it would quote the text. */
export function isToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

/** Returns the claims of a token without verifying them. */
export function readClaims(token: string): { jti?: string; exp?: number } {
  const [, payload = ''] = token.split('.');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  } catch {
    return {};
  }
  if (typeof value !== 'object' || value === null) return {};
  return {
    ...('jti' in value && typeof value.jti === 'string' ? { jti: value.jti } : {}),
    ...('exp' in value && typeof value.exp === 'number' && Number.isFinite(value.exp)
      ? { exp: value.exp }
      : {}),
  };
}
