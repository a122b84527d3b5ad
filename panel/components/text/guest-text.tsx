/** Renders untrusted text, such as a guest's output, as plain text. */

/**
 * Invisible or misleading characters: control characters except tab and line feed, and format characters, such as
 * those that change the direction of text.
 */
const HIDDEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Replaces control characters with their symbols (`␛`) and other hidden characters with their code points (`<U+202E>`). */
export function makeVisible(text: string): string {
  return text.replace(HIDDEN, (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return String.fromCodePoint(0x2400 + code);
    if (code === 0x7f) return '\u2421';
    return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}

export function GuestText({ text }: { readonly text: string }) {
  return <bdi>{makeVisible(text)}</bdi>;
}
