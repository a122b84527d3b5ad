/** Bytes as a table of hexadecimal figures, sixteen a line, with what is printable beside them. */
const WIDTH = 16;

export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += WIDTH) {
    const row = Array.from(bytes.subarray(at, at + WIDTH));
    const figures = row.map((byte) => byte.toString(16).padStart(2, '0'));
    const left = figures.slice(0, WIDTH / 2).join(' ');
    const right = figures.slice(WIDTH / 2).join(' ');
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'));
    lines.push(
      `${at.toString(16).padStart(6, '0')}  ${left.padEnd(23)}  ${right.padEnd(23)}  ${text.join('')}`,
    );
  }
  return lines.join('\n');
}

/** Throws on what is no base64. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
