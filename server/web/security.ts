/** The headers that every page of the web origin is sent with. */

const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const;

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
    ...ISOLATION,
  };
}

/** The panel's own: no script but its files, no WebAssembly, and nothing loaded from elsewhere. */
export function panelSecurityHeaders(runOrigin: string): Record<string, string> {
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      // The editor writes style elements.
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data:",
      "font-src 'self' data:",
      // Handlers are tried from their own pages.
      `connect-src 'self' ${runOrigin}`,
      "worker-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join('; '),
    ...ISOLATION,
  };
}
