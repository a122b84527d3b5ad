/** What the site knows of a source language. */
import type { Language } from '../../examples/types.ts';

/** The highlighter's grammar for a language. */
export const GRAMMARS: Readonly<Record<Language, string>> = {
  assemblyscript: 'ts',
  rust: 'rust',
  zig: 'zig',
  c: 'c',
  wat: 'wasm',
};

/** The page about writing a handler in it. */
export const HANDLER_PAGES: Readonly<Record<Language, string>> = {
  assemblyscript: '/handlers/assemblyscript/',
  rust: '/handlers/rust/',
  zig: '/handlers/zig/',
  c: '/handlers/c/',
  wat: '/handlers/wat/',
};

/** `1,234 bytes`, `12.3 KB`: a size as a person reads it. */
export function formatBytes(bytes: number): string {
  if (bytes < 10_000) return `${bytes.toLocaleString('en-US')} bytes`;
  return `${(bytes / 1000).toLocaleString('en-US', { maximumFractionDigits: 1 })} KB`;
}
