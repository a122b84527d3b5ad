/** Tokens, as far as can be told without the server's keys. */

/** Three parts of base64url. What is not may not go into a header, whose refusal would repeat it. */
export function isToken(text: string): boolean {
  return /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
}

/** What a token says of itself. Nothing is verified: the server does that. */
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
