/** Writes a guest's output to a terminal with visible, inert control characters. */
import type { Stream } from '../terminal/terminal.ts';
import { writeChunk } from '../../olin/platform/node-http.ts';

/** Control characters, and characters that change the direction of text. */
const CONTROL = /\r\n|[\p{Cc}\p{Bidi_Control}]/gu;
const KEPT = new Set(['\n', '\t', '\r\n']);

export function makeVisible(text: string): string {
  return text.replace(CONTROL, (character) => {
    if (KEPT.has(character)) return character;
    const code = character.charCodeAt(0);
    if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
    return `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/**
 * Writes chunks of UTF-8 to a stream, with control characters made visible on a terminal unless `isRaw`. Waits for
 * back-pressure.
 */
export function makeWriter(
  stream: Stream,
  isRaw: boolean,
): (chunk: Uint8Array) => void | Promise<void> {
  const decoder = new TextDecoder();
  return (chunk) => {
    const data =
      stream.isTTY === true && !isRaw
        ? makeVisible(decoder.decode(chunk, { stream: true }))
        : chunk;
    return writeChunk(stream, data);
  };
}
