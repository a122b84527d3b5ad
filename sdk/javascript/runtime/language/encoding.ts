/** TextEncoder and TextDecoder, for UTF-8. */
import { encodeText, joinBytes, viewOf } from '../bytes.ts';
import { host } from '../host.ts';

export class TextEncoder {
  get encoding(): string {
    return 'utf-8';
  }

  encode(text: unknown = ''): Uint8Array<ArrayBuffer> {
    return encodeText(String(text));
  }

  encodeInto(text: string, into: Uint8Array): { read: number; written: number } {
    let [read, written] = [0, 0];
    for (const character of String(text)) {
      const bytes = encodeText(character);
      if (written + bytes.length > into.length) break;
      into.set(bytes, written);
      read += character.length;
      written += bytes.length;
    }
    return { read, written };
  }
}

const LABELS = /^(?:unicode-1-1-utf-8|unicode11utf8|unicode20utf8|utf-?8|x-unicode20utf8)$/i;
const MARK = '\ufeff';

export class TextDecoder {
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  /** Bytes of a code point that continues in the next chunk. */
  #rest: Uint8Array | undefined;
  #isAtStart = true;

  /** Throws a RangeError for an encoding other than UTF-8. */
  constructor(label = 'utf-8', options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
    if (!LABELS.test(String(label).trim())) {
      throw new RangeError(`TextDecoder: the encoding "${label}" is not there; it has utf-8`);
    }
    this.fatal = options.fatal === true;
    this.ignoreBOM = options.ignoreBOM === true;
  }

  get encoding(): string {
    return 'utf-8';
  }

  decode(data: unknown = new Uint8Array(), { stream = false } = {}): string {
    const given = viewOf(data);
    if (given === undefined) throw new TypeError('TextDecoder: decode() takes a buffer or a view');
    let bytes: Uint8Array = this.#rest === undefined ? given : joinBytes([this.#rest, given]);
    this.#rest = undefined;
    if (stream) {
      const end = endOfWhole(bytes);
      if (end < bytes.length) this.#rest = bytes.slice(end);
      bytes = bytes.subarray(0, end);
    }
    if (this.fatal && host().validUtf8(bytes) < bytes.length) {
      throw new TypeError('TextDecoder: the data is not UTF-8');
    }
    const text = host().decode(bytes);
    const hasMark = this.#isAtStart && !this.ignoreBOM && text.startsWith(MARK);
    if (text !== '') this.#isAtStart = false;
    if (!stream) this.#isAtStart = true;
    return hasMark ? text.slice(1) : text;
  }
}

/** Returns the start of an incomplete last code point; if it is complete, the length. */
function endOfWhole(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) break;
    if (byte < 0xc0) continue;
    const wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return wanted > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
