/** The headers that every page of the web origin is sent with. */

/**
 * @param scriptHashes of the inline scripts in the built pages, as `'sha256-…'`
 * @param runOrigin where strangers' code answers, which the pages' own snippets may call
 */
export function securityHeaders(
  scriptHashes: readonly string[],
  runOrigin: string,
): Record<string, string> {
  return {
    'content-security-policy': [
      "default-src 'self'",
      ["script-src 'self' 'wasm-unsafe-eval'", ...scriptHashes].join(' '),
      // Starlight, the code blocks and the editor set style attributes.
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data: blob:",
      "font-src 'self' data:",
      // data: is for the AssemblyScript compiler, which fetches itself so.
      `connect-src 'self' data: ${runOrigin}`,
      "worker-src 'self'",
      "frame-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join('; '),
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  };
}
