/** Properties of the source languages, for the site. */
import type { Language } from '../../examples/types.ts';

/** Grammars of the syntax highlighter. */
export const GRAMMARS: Readonly<Record<Language, string>> = {
  assemblyscript: 'ts',
  rust: 'rust',
  zig: 'zig',
  c: 'c',
  wat: 'wasm',
};

/** Pages about writing a handler in each language. */
export const HANDLER_PAGES: Readonly<Record<Language, string>> = {
  assemblyscript: '/handlers/assemblyscript/',
  rust: '/handlers/rust/',
  zig: '/handlers/zig/',
  c: '/handlers/c/',
  wat: '/handlers/wat/',
};

/** Formats `1,234 bytes` or `12.3 KB`. One KB is 1,000 bytes. */
export function formatBytes(bytes: number): string {
  if (bytes < 10_000) return `${bytes.toLocaleString('en-US')} bytes`;
  return `${(bytes / 1000).toLocaleString('en-US', { maximumFractionDigits: 1 })} KB`;
}
