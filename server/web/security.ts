/** The security headers of all pages of the web origin. */

const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'strict-origin-when-cross-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const;

/**
 * Headers of the documentation.
 * @param scriptHashes hashes of the inline scripts in the built pages, as `'sha256-…'`
 * @param runOrigin the origin of handlers, which snippets on the pages may call
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
      // The AssemblyScript compiler loads itself from data: URLs.
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

/** Headers of the panel: scripts only from its files, no WebAssembly, nothing loaded from other origins. */
export function panelSecurityHeaders(runOrigin: string): Record<string, string> {
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      // The editor writes style elements.
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data:",
      "font-src 'self' data:",
      // The panel calls handlers from their Try pages.
      `connect-src 'self' ${runOrigin}`,
      "worker-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join('; '),
    ...ISOLATION,
  };
}
