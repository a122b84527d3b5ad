/** The outermost layer of a module: its preamble and its sections. */
import { InputError } from '../../errors.ts';
import { Reader } from './read.ts';

/** Section ids of the core specification. */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** The order of sections in a module, which differs from that of their ids. */
export const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

const SECTION_NAMES = Object.fromEntries(Object.entries(SECTION).map(([name, id]) => [id, name]));

export interface Section {
  readonly id: number;
  /** Offsets of the contents in the module. */
  readonly start: number;
  readonly end: number;
  /** Present for a custom section, whose contents start after its name. */
  readonly name?: string;
}

interface Lookalike {
  readonly begins: readonly number[] | string;
  readonly hint: string;
}

const COMPILE = 'Compile your source to .wasm and choose that file.';

const LOOKALIKES: readonly Lookalike[] = [
  { begins: '(module', hint: 'It is WebAssembly text: turn it into a module with wat2wasm first.' },
  { begins: '(component', hint: 'It is a component in text form. Olin runs core modules.' },
  { begins: [0x1f, 0x8b], hint: 'It is compressed with gzip: unpack it with gunzip first.' },
  { begins: [0x28, 0xb5, 0x2f, 0xfd], hint: 'It is compressed with zstd: unpack it first.' },
  { begins: 'BZh', hint: 'It is compressed with bzip2: unpack it with bunzip2 first.' },
  {
    begins: [0xfd, 0x37, 0x7a, 0x58],
    hint: 'It is compressed with xz: unpack it with unxz first.',
  },
  { begins: 'PK', hint: 'It is a zip archive: unpack it and choose the .wasm file inside.' },
  {
    begins: [0x7f, 0x45, 0x4c, 0x46],
    hint: "It is a program for Linux (ELF). Build for WebAssembly instead, with your compiler's wasm32 target.",
  },
  {
    begins: 'MZ',
    hint: "It is a program for Windows. Build for WebAssembly instead, with your compiler's wasm32 target.",
  },
  {
    begins: [0xcf, 0xfa, 0xed, 0xfe],
    hint: "It is a program for macOS. Build for WebAssembly instead, with your compiler's wasm32 target.",
  },
  { begins: 'BC', hint: 'It is LLVM bitcode: link it with wasm-ld first.' },
  { begins: '!<arch>', hint: 'It is a library archive: link it into a module with wasm-ld first.' },
  { begins: 'AGFzbQ', hint: 'It is a module in Base64: decode it first.' },
  {
    begins: '<',
    hint: `It looks like a web page, perhaps the error page of a download. ${COMPILE}`,
  },
];

function beginsWith(bytes: Uint8Array, begins: readonly number[] | string): boolean {
  const expected =
    typeof begins === 'string' ? Array.from(new TextEncoder().encode(begins)) : begins;
  return expected.every((byte, index) => bytes[index] === byte);
}

function describeStart(bytes: Uint8Array): string {
  const start = Array.from(bytes.subarray(0, 4));
  if (start.every((byte) => byte >= 0x20 && byte < 0x7f)) {
    return JSON.stringify(String.fromCharCode(...start));
  }
  return start.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** Rejects anything that is not a module of version 1, with advice for known formats. */
export function checkPreamble(bytes: Uint8Array): void {
  if (bytes.length === 0) {
    throw new InputError('not-wasm', `This file is empty. ${COMPILE}`);
  }
  if (!beginsWith(bytes, [0x00, 0x61, 0x73, 0x6d])) {
    let from = 0;
    // Text may start with a byte order mark, white space or a comment.
    if (beginsWith(bytes, [0xef, 0xbb, 0xbf])) from = 3;
    while (from < bytes.length && from < 64 && [0x20, 0x09, 0x0a, 0x0d].includes(bytes[from] ?? 0))
      from++;
    const rest = bytes.subarray(from);
    const hint = beginsWith(rest, ';;')
      ? 'It is WebAssembly text: turn it into a module with wat2wasm first.'
      : (LOOKALIKES.find((kind) => beginsWith(rest, kind.begins))?.hint ?? COMPILE);
    throw new InputError(
      'not-wasm',
      `This is not a WebAssembly module: it begins with ${describeStart(bytes)} where "\\0asm" is expected. ${hint}`,
    );
  }
  if (bytes.length < 8) {
    throw new InputError(
      'malformed-module',
      `This WebAssembly module is cut off: it has ${bytes.length} bytes. Build it again, or copy it again.`,
    );
  }
  const version = (bytes[4] ?? 0) | ((bytes[5] ?? 0) << 8);
  const layer = (bytes[6] ?? 0) | ((bytes[7] ?? 0) << 8);
  if (layer === 1) {
    throw new InputError(
      'unsupported-feature',
      'This is a WebAssembly component. Olin runs core modules: build for wasm32-unknown-unknown or wasm32-wasip1, without making a component.',
    );
  }
  if (version !== 1 || layer !== 0) {
    throw new InputError(
      'malformed-module',
      `This WebAssembly module declares version ${version}, layer ${layer}; the only version is 1. Build it again, or copy it again.`,
    );
  }
}

/** Returns the sections in file order. Checks order and repetition, not contents. */
export function readSections(bytes: Uint8Array): Section[] {
  checkPreamble(bytes);
  const reader = new Reader(bytes, 8);
  const sections: Section[] = [];
  let last = -1;
  while (!reader.done) {
    const at = reader.at;
    const id = reader.u8();
    const length = reader.length(`the ${SECTION_NAMES[id] ?? 'unknown'} section`);
    const start = reader.at;
    const end = start + length;
    if (id === SECTION.custom) {
      const inner = new Reader(bytes, start, end);
      const name = inner.name();
      sections.push({ id, start: inner.at, end, name });
    } else {
      const order = SECTION_ORDER.indexOf(id);
      if (id === 14) throw reader.unsupported('string references');
      if (order < 0) throw reader.malformed(`an unknown section (${id})`, at);
      if (order <= last)
        throw reader.malformed(`the ${SECTION_NAMES[id]} section is out of place`, at);
      last = order;
      sections.push({ id, start, end });
    }
    reader.at = end;
  }
  return sections;
}
