/** Describes a module without running it, for checking uploads and for display. */
import { FILES_SECTION, unpackFiles, type PackedFiles } from '../files/packed-files.ts';
import { MAX_SHOWN_NAME, shorten } from '../shorten.ts';
import type { Extern, ExternKind, Module } from './format/module.ts';
import type { Bounds, GlobalType, TableType, ValueText } from './format/types.ts';

import { skipConstantExpression } from './format/expression.ts';
import { checkHostBounds } from './host/host-bounds.ts';
import { readModule, signatureOf } from './format/module.ts';
import { readNames } from './format/names.ts';
import { Reader } from './format/read.ts';
import { SECTION } from './format/sections.ts';
import { boundsText, functionText } from './format/types.ts';

export interface ExternReport {
  readonly kind: ExternKind;
  /** As text: `(i32, i32) -> i32`, `1 page, at most 128`, `mut i32`. */
  readonly type: string;
  /** Present for functions and tags. */
  readonly params?: readonly ValueText[];
  readonly results?: readonly ValueText[];
}

export interface ImportReport extends ExternReport {
  readonly module: string;
  readonly name: string;
}

export interface ExportReport extends ExternReport {
  readonly name: string;
  /** Its index in the index space of its kind, imports first. */
  readonly index: number;
}

/** Limits are in 64 KiB pages. */
export interface MemoryReport extends Bounds {
  readonly imported: boolean;
}

export interface CustomSectionReport {
  readonly name: string;
  readonly bytes: number;
}

export interface PackedFileReport {
  readonly path: string;
  readonly bytes: number;
}

/** Plain data, structured-cloneable. */
export interface ModuleReport {
  /** Size of the module in bytes. */
  readonly bytes: number;
  readonly imports: readonly ImportReport[];
  readonly exports: readonly ExportReport[];
  /** Imported ones first. */
  readonly memories: readonly MemoryReport[];
  readonly tables: readonly TableType[];
  /** Number of functions that the module defines. */
  readonly functions: number;
  /** From the name section: the module's own name, and functions by index (imports first). */
  readonly moduleName?: string;
  readonly functionNames: ReadonlyMap<number, string>;
  readonly customSections: readonly CustomSectionReport[];
  /** The files in the module. */
  readonly files: readonly PackedFileReport[];
  /** The arguments in the module. */
  readonly args: readonly string[];
  /** Whether a function runs at instantiation. */
  readonly hasStart: boolean;
  /** Size of the code section in bytes. */
  readonly codeBytes: number;
  readonly dataBytes: number;
  /** Features beyond WebAssembly 1.0 that the declarations use, such as `multi-value`, `memory64`. */
  readonly features: readonly string[];
}

function describeFunction(
  module: Module,
  kind: 'function' | 'tag',
  typeIndex: number,
): ExternReport {
  const signature = signatureOf(module, typeIndex);
  if (signature === undefined) {
    throw new Reader(module.bytes).malformed(`a ${kind} has no type (${typeIndex})`, 8);
  }
  const { params, results } = signature;
  return { kind, type: functionText(signature), params, results };
}

const globalText = (type: GlobalType) => (type.mutable ? `mut ${type.value}` : type.value);
const tableText = (type: TableType) => `${type.element}, ${boundsText(type, 'element')}`;

function describe(module: Module, what: Extern): ExternReport {
  switch (what.kind) {
    case 'function':
    case 'tag':
      return describeFunction(module, what.kind, what.typeIndex);
    case 'table':
      return { kind: what.kind, type: tableText(what.type) };
    case 'memory':
      return { kind: what.kind, type: boundsText(what.type, 'page') };
    case 'global':
      return { kind: what.kind, type: globalText(what.type) };
  }
}

function externAt(module: Module, kind: ExternKind, index: number): Extern | undefined {
  switch (kind) {
    case 'function':
    case 'tag': {
      const typeIndex = (kind === 'tag' ? module.tags : module.functions)[index];
      return typeIndex === undefined ? undefined : { kind, typeIndex };
    }
    case 'table': {
      const type = module.tables[index];
      return type && { kind, type };
    }
    case 'memory': {
      const type = module.memories[index];
      return type && { kind, type };
    }
    case 'global': {
      const type = module.globals[index];
      return type && { kind, type };
    }
  }
}

/** Detects features from declarations only; code is not read. */
function featuresOf(module: Module): string[] {
  const signatures = module.types.filter((type) => type.kind === 'function');
  const values = [
    ...signatures.flatMap(({ params, results }) => [...params, ...results]),
    ...module.globals.map(({ value }) => value),
    ...module.tables.map(({ element }) => element),
  ];
  const shown: Readonly<Record<string, boolean>> = {
    'multi-value': signatures.some(({ results }) => results.length > 1),
    simd: values.includes('v128'),
    'reference-types':
      values.includes('externref') ||
      module.tables.length > 1 ||
      module.globals.some(({ value }) => value === 'funcref'),
    'typed-function-references': values.some((value) => value.startsWith('(')),
    gc: module.types.some(({ kind }) => kind !== 'function'),
    exceptions: module.tags.length > 0 || values.includes('exnref'),
    memory64: module.memories.some(({ is64 }) => is64),
    table64: module.tables.some(({ is64 }) => is64),
    'multi-memory': module.memories.length > 1,
    threads: module.memories.some(({ shared }) => shared),
    'bulk-memory': module.sections.some(({ id }) => id === SECTION.dataCount),
    'mutable-globals': module.imports.some(
      ({ what }) => what.kind === 'global' && what.type.mutable,
    ),
  };
  return Object.keys(shown).filter((feature) => shown[feature]);
}

function readPackedFiles({ bytes, sections }: Module): PackedFiles {
  const [section, second] = sections.filter(({ name }) => name === FILES_SECTION);
  if (section === undefined) return { files: [], args: [] };
  if (second !== undefined) {
    throw new Reader(bytes).malformed(`a second section ${FILES_SECTION}`, second.start);
  }
  return unpackFiles(bytes.subarray(section.start, section.end));
}

/**
 * Reads a module's declarations, and rejects what a run could not limit. Linear in the module's size; function bodies
 * are checked by `meter` and the engine.
 * Throws {@link InputError}: `not-wasm`, `malformed-module`, `unsupported-feature`.
 */
export function inspect(bytes: Uint8Array): ModuleReport {
  const module = readModule(bytes, skipConstantExpression);
  checkHostBounds(module);
  const packed = readPackedFiles(module);
  const { sections } = module;
  const sizeOf = (wanted: number) => {
    const section = sections.find(({ id }) => id === wanted);
    return section === undefined ? 0 : section.end - section.start;
  };
  const names = readNames(bytes, sections);
  return {
    bytes: bytes.length,
    imports: module.imports.map(({ module: from, name, what }) => ({
      module: from,
      name,
      ...describe(module, what),
    })),
    exports: module.exports.map(({ name, kind, index }) => {
      const what = externAt(module, kind, index);
      if (what === undefined) {
        throw new Reader(bytes).malformed(
          `the export "${shorten(name, MAX_SHOWN_NAME)}" is a ${kind} that does not exist`,
          8,
        );
      }
      return { name, index, ...describe(module, what) };
    }),
    memories: module.memories.map((memory, index) => ({
      ...memory,
      imported: index < module.importedMemories,
    })),
    tables: module.tables,
    functions: module.functions.length - module.importedFunctions,
    ...(names.module === undefined ? {} : { moduleName: names.module }),
    functionNames: names.functions,
    customSections: sections.flatMap(({ name, start, end }) =>
      name === undefined ? [] : [{ name, bytes: end - start }],
    ),
    files: packed.files.map(([path, contents]) => ({ path, bytes: contents.length })),
    args: packed.args,
    hasStart: module.start !== undefined,
    codeBytes: sizeOf(SECTION.code),
    dataBytes: sizeOf(SECTION.data),
    features: featuresOf(module),
  };
}
