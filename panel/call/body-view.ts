/** Decodes a body as text, or formats it as a hex dump. */

export type ViewedBodyKind = 'empty' | 'text' | 'bytes';

/** `text` is undefined if the body is empty or binary. Complete JSON is indented. */
export interface ViewedBody {
  readonly kind: ViewedBodyKind;
  readonly text: string | undefined;
}

const ROW_BYTES = 16;

/** @param isCut the bytes may end in the middle of a character */
export function viewBody(bytes: Uint8Array, contentType: string, isCut: boolean): ViewedBody {
  if (bytes.length === 0) return { kind: 'empty', text: undefined };
  const text = decode(bytes, isCut);
  if (text === undefined || text.includes('\0')) return { kind: 'bytes', text: undefined };
  return { kind: 'text', text: /[/+]json\b/i.test(contentType) ? indent(text) : text };
}

function decode(bytes: Uint8Array, isCut: boolean): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut });
  } catch {
    return undefined;
  }
}

function indent(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}

/** Formats rows of 16 bytes: `00000010  48 65 6c 6c 6f …  |Hello…|`. */
export function hexDump(bytes: Uint8Array): string {
  const rows: string[] = [];
  for (let start = 0; start < bytes.length; start += ROW_BYTES) {
    const row = Array.from(bytes.subarray(start, start + ROW_BYTES));
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0'));
    const halves = [hex.slice(0, 8).join(' '), hex.slice(8).join(' ')].join('  ');
    const shown = row.map((byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·',
    );
    rows.push(`${start.toString(16).padStart(8, '0')}  ${halves.padEnd(49)}|${shown.join('')}|`);
  }
  return rows.join('\n');
}
