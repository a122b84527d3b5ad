/** The index spaces of a module: everything its sections declare, except code and data. */
import type { Bounds, DefinedType, FunctionType, GlobalType, TableType } from './types.ts';
import type { Section } from './sections.ts';

import { Reader } from './read.ts';
import { readSections, SECTION } from './sections.ts';
import { readBounds, readGlobalType, readRecursionGroup, readTableType } from './types.ts';

/** The type of an import or export, by kind. */
export type Extern =
  | { readonly kind: 'function'; readonly typeIndex: number }
  | { readonly kind: 'table'; readonly type: TableType }
  | { readonly kind: 'memory'; readonly type: Bounds }
  | { readonly kind: 'global'; readonly type: GlobalType }
  | { readonly kind: 'tag'; readonly typeIndex: number };

export type ExternKind = Extern['kind'];

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly what: Extern;
}

export interface Export {
  readonly name: string;
  readonly kind: ExternKind;
  readonly index: number;
}

/** Each index space lists imports first, then the module's own items. */
export interface Module {
  readonly bytes: Uint8Array;
  readonly sections: readonly Section[];
  readonly types: readonly DefinedType[];
  readonly imports: readonly Import[];
  /** Type index of each function. */
  readonly functions: readonly number[];
  readonly importedFunctions: number;
  readonly tables: readonly TableType[];
  readonly memories: readonly Bounds[];
  readonly importedMemories: number;
  readonly globals: readonly GlobalType[];
  readonly importedGlobals: number;
  /** Type index of each tag. */
  readonly tags: readonly number[];
  readonly exports: readonly Export[];
  readonly start: number | undefined;
}

const KINDS: readonly ExternKind[] = ['function', 'table', 'memory', 'global', 'tag'];

function readKind(reader: Reader): ExternKind {
  const start = reader.at;
  const kind = KINDS[reader.u8()];
  if (kind === undefined) throw reader.malformed('an unknown kind of import or export', start);
  return kind;
}

function readTagType(reader: Reader): number {
  const start = reader.at;
  if (reader.u8() !== 0) throw reader.malformed('an unknown kind of tag', start);
  return reader.u32();
}

function readExtern(reader: Reader): Extern {
  const kind = readKind(reader);
  switch (kind) {
    case 'function':
      return { kind, typeIndex: reader.u32() };
    case 'table':
      return { kind, type: readTableType(reader) };
    case 'memory':
      return { kind, type: readBounds(reader) };
    case 'global':
      return { kind, type: readGlobalType(reader) };
    case 'tag':
      return { kind, typeIndex: readTagType(reader) };
  }
}

/** Skips a constant expression, including its `end`. */
type SkipExpression = (reader: Reader) => void;

/** Reads the declarations of all sections. */
export function readModule(bytes: Uint8Array, skipExpression: SkipExpression): Module {
  const sections = readSections(bytes);
  const types: DefinedType[] = [];
  const imports: Import[] = [];
  const functions: number[] = [];
  const tables: TableType[] = [];
  const memories: Bounds[] = [];
  const globals: GlobalType[] = [];
  const tags: number[] = [];
  const exports: Export[] = [];
  const imported = { functions: 0, memories: 0, globals: 0 };
  let start: number | undefined;

  const take = (what: Extern): void => {
    if (what.kind === 'function') imported.functions = functions.push(what.typeIndex);
    else if (what.kind === 'table') tables.push(what.type);
    else if (what.kind === 'memory') imported.memories = memories.push(what.type);
    else if (what.kind === 'global') imported.globals = globals.push(what.type);
    else tags.push(what.typeIndex);
  };

  /** How to read an item of each section. */
  const items: Readonly<Record<number, (reader: Reader) => void>> = {
    [SECTION.type]: (reader) => readRecursionGroup(reader, types),
    [SECTION.import]: (reader) => {
      const module = reader.name();
      const name = reader.name();
      const what = readExtern(reader);
      imports.push({ module, name, what });
      take(what);
    },
    [SECTION.function]: (reader) => functions.push(reader.u32()),
    [SECTION.table]: (reader) => {
      // 0x40 0x00: a table with an initial value.
      const initialised = reader.bytes[reader.at] === 0x40;
      if (initialised) reader.skip(2);
      tables.push(readTableType(reader));
      if (initialised) skipExpression(reader);
    },
    [SECTION.memory]: (reader) => memories.push(readBounds(reader)),
    [SECTION.tag]: (reader) => tags.push(readTagType(reader)),
    [SECTION.global]: (reader) => {
      globals.push(readGlobalType(reader));
      skipExpression(reader);
    },
    [SECTION.export]: (reader) => {
      exports.push({ name: reader.name(), kind: readKind(reader), index: reader.u32() });
    },
  };

  for (const section of sections) {
    // In the type section, a type may refer to types of its own group that are not read yet.
    const known = section.id === SECTION.type ? Infinity : types.length;
    const reader = new Reader(bytes, section.start, section.end, known);
    const readItem = items[section.id];
    if (section.id === SECTION.start) start = reader.u32();
    else if (readItem === undefined) continue;
    else for (let count = reader.count('items'); count > 0; count--) readItem(reader);
    if (!reader.done) throw reader.malformed('a section is longer than what is in it');
  }

  return {
    bytes,
    sections,
    types,
    imports,
    functions,
    importedFunctions: imported.functions,
    tables,
    memories,
    importedMemories: imported.memories,
    globals,
    importedGlobals: imported.globals,
    tags,
    exports,
    start,
  };
}

/** Returns the signature of a function or tag, or undefined if its type is not a function type. */
export function signatureOf(
  module: Module,
  typeIndex: number | undefined,
): FunctionType | undefined {
  const type = typeIndex === undefined ? undefined : module.types[typeIndex];
  return type?.kind === 'function' ? type : undefined;
}
