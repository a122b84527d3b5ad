/**
 * Files and arguments in a custom section of a module. They are deployed, stored, rolled back and
 * downloaded with the module, and are the same wherever it runs.
 */
import { InputError } from '../errors.ts';
import { Reader } from '../wasm/format/read.ts';
import { readSections } from '../wasm/format/sections.ts';
import { Writer } from '../wasm/format/write.ts';
import { FileTree, type GivenFile } from './file-tree.ts';

export const FILES_SECTION = 'trisiel.files';
const FORMAT = 2;
const MAX_PACKED = { files: 1000, arguments: 64 } as const;

export interface PackedFiles {
  readonly files: readonly GivenFile[];
  /** Arguments of the program, after its name. */
  readonly args: readonly string[];
  /** The folder of static files. */
  readonly static?: string | undefined;
}

/**
 * Returns the module with the files and arguments, which replace those that it had. Throws an InputError if they are
 * invalid.
 */
export function packFiles(
  module: Uint8Array<ArrayBuffer>,
  packed: PackedFiles,
): Uint8Array<ArrayBuffer> {
  const sections = readSections(module);
  const out = new Writer(module.length + 64);
  let from = 8;
  out.copy(module, 0, from);
  for (const section of sections) {
    if (section.name !== FILES_SECTION) out.copy(module, from, section.end);
    from = section.end;
  }
  if (packed.files.length > 0 || packed.args.length > 0) {
    const contents = new Writer();
    contents.name(FILES_SECTION);
    writePacked(contents, packed);
    out.u8(0);
    out.sized(contents);
  }
  return out.take();
}

function writePacked(out: Writer, { files, args, static: folder = '' }: PackedFiles): void {
  out.u8(FORMAT);
  out.name(folder);
  out.u32(args.length);
  for (const argument of args) out.name(argument);
  out.u32(files.length);
  for (const [path, bytes] of files) {
    out.name(path);
    out.u32(bytes.length);
  }
  for (const [, bytes] of files) out.copy(bytes, 0, bytes.length);
  // Checks that the written section is readable.
  readPacked(new Reader(out.bytes, FILES_SECTION.length + 1, out.length));
}

/** Reads the contents of the section. Throws an InputError if {@link packFiles} cannot have written them. */
export function unpackFiles(contents: Uint8Array): PackedFiles & { readonly tree: FileTree } {
  return readPacked(new Reader(contents));
}

function readPacked(reader: Reader): PackedFiles & { readonly tree: FileTree } {
  if (reader.u8() !== FORMAT) throw refuse('has another format');
  const folder = reader.name();
  const args = Array.from({ length: readCount(reader, 'arguments') }, () => reader.name());
  if (args.some((argument) => argument.includes('\0'))) throw refuse('has a zero in an argument');
  const sizes = Array.from(
    { length: readCount(reader, 'files') },
    () => [reader.name(), reader.u32()] as const,
  );
  const files = sizes.map(([path, size]): GivenFile => {
    const from = reader.at;
    reader.skip(size);
    return [path, reader.bytes.subarray(from, reader.at)];
  });
  if (!reader.done) throw refuse('is longer than its files');
  try {
    const tree = new FileTree(files);
    tree.shared();
    return { files, args, tree, static: folder === '' ? undefined : folder };
  } catch (error) {
    if (error instanceof RangeError) throw refuse(`cannot be read: ${error.message}`);
    throw error;
  }
}

function readCount(reader: Reader, what: keyof typeof MAX_PACKED): number {
  const count = reader.count(what);
  if (count <= MAX_PACKED[what]) return count;
  throw refuse(`has ${count} ${what}; at most ${MAX_PACKED[what]} are allowed`);
}

function refuse(why: string): InputError {
  return new InputError(
    'malformed-module',
    `The section ${FILES_SECTION} of the module ${why}. Build the module again with trisiel build.`,
  );
}
