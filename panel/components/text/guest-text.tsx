/** What strangers' code made, as text alone. */

/**
 * What would not be seen, or would mislead the eye: control characters but tab and line feed, and characters that format,
 * such as those that turn the direction of text.
 */
const HIDDEN = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Control characters become their pictures (`␛`), all else its number in angle brackets (`<U+202E>`). */
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
