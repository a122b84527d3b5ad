/** Formats numbers for the site. */

/** Formats `1,234 bytes` or `12.3 KB`. One KB is 1,000 bytes. */
export function formatBytes(bytes: number): string {
  if (bytes < 10_000) return `${bytes.toLocaleString('en-US')} bytes`;
  return `${(bytes / 1000).toLocaleString('en-US', { maximumFractionDigits: 1 })} KB`;
}
