/** Weaves gas metering into a module. */
import type { Module } from './format/module.ts';
import type { Section } from './format/sections.ts';
import type { Woven } from './weave/woven.ts';

import { InputError } from '../errors.ts';
import { MAX_SHOWN_NAME } from '../shorten.ts';
import { weaveCode, type WovenCode } from './weave/code.ts';
import { skipConstantExpression } from './format/expression.ts';
import { readModule, signatureOf } from './format/module.ts';
import { readNames } from './format/names.ts';
import { gasExport, memoryExport, PLAN_SECTION, renewExport, startExport } from './plan.ts';
import { profileExport } from './profile.ts';
import { Reader } from './format/read.ts';
import { renameSection } from './weave/rename.ts';
import {
  appendItems,
  rewriteElements,
  rewriteExports,
  rewriteGlobals,
  rewriteTables,
  type Shift,
} from './weave/rewrite.ts';
import { SECTION, SECTION_ORDER } from './format/sections.ts';
import { Writer } from './format/write.ts';

/** Custom sections that refer to offsets in the code, which metering changes. */
const REFERS_TO_CODE =
  /^(\.debug_|reloc\.|metadata\.code\.|linking$|sourceMappingURL$|external_debug_info$)/;

/** Sections that every metered module has. */
const ALWAYS_PRESENT: ReadonlySet<number> = new Set([
  SECTION.type,
  SECTION.import,
  SECTION.function,
  SECTION.global,
  SECTION.export,
  SECTION.code,
]);

function checkMeterable(module: Module): void {
  const reader = new Reader(module.bytes, 8);
  if (module.sections.some(({ name }) => name === PLAN_SECTION)) {
    throw new InputError(
      'unsupported-feature',
      `This module is metered already (it has a section "${PLAN_SECTION}"). Use the module that your compiler wrote.`,
    );
  }
  if (module.memories.some(({ shared }) => shared) || module.tables.some(({ shared }) => shared)) {
    throw reader.unsupported('shared memory (threads)');
  }
  if (module.start !== undefined) {
    const signature = signatureOf(module, module.functions[module.start]);
    if (signature === undefined || signature.params.length + signature.results.length > 0) {
      throw reader.malformed('the start function is not one without parameters and results');
    }
  }
  for (const { what } of module.imports) {
    if ('typeIndex' in what && signatureOf(module, what.typeIndex) === undefined) {
      throw reader.malformed('an import has no type');
    }
  }
  for (const typeIndex of module.tags) {
    if (signatureOf(module, typeIndex) === undefined) throw reader.malformed('a tag has no type');
  }
}

/** Names of added functions by index; a threaded function has the name of the original function. */
function addedNames(module: Module, woven: Woven): Map<number, string> {
  const isThreaded = woven.functions.some(({ madeFrom }) => madeFrom !== undefined);
  const own = isThreaded ? readNames(module.bytes, module.sections).functions : undefined;
  const names = new Map([
    [woven.shiftFrom, 'olin.host.turn'],
    [woven.shiftFrom + 1, 'olin.host.grow'],
  ]);
  woven.functions.forEach(({ name, madeFrom }, index) => {
    const known =
      name ??
      own
        ?.get(madeFrom ?? -1)
        ?.slice(0, MAX_SHOWN_NAME)
        .toWellFormed();
    if (known !== undefined) names.set(woven.turn + index, known);
  });
  return names;
}

function exportItem(name: string, kind: number, index: number): Writer {
  const item = new Writer();
  item.name(name);
  item.u8(kind);
  item.u32(index);
  return item;
}

function wovenExports(woven: Woven): Writer[] {
  const exports = [exportItem(gasExport(woven), 3, woven.gas)];
  const { importedMemories, profiled = 0 } = woven.plan;
  for (let index = 0; index < importedMemories; index++) {
    exports.push(exportItem(memoryExport(woven, index), 2, index));
  }
  if (woven.start !== undefined) exports.push(exportItem(startExport(woven), 0, woven.start));
  if (woven.renewal !== undefined) {
    exports.push(exportItem(renewExport(woven), 0, woven.renewal));
  }
  for (let own = 0; own < profiled; own++) {
    exports.push(exportItem(profileExport(woven, own), 3, (woven.profile?.first ?? 0) + own));
  }
  return exports;
}

/** A mutable i64 global with initial value 0; the host sets the budget before the first instruction. */
function countGlobal(): Writer {
  const item = new Writer();
  for (const byte of [0x7e, 1, 0x42, 0, 0x0b]) item.u8(byte);
  return item;
}

function indexItem(index: number): Writer {
  const item = new Writer();
  item.u32(index);
  return item;
}

/** How each section is rewritten; others are copied. */
const REWRITES: Readonly<Record<number, (reader: Reader, shift: Shift, woven: Woven) => Writer>> = {
  [SECTION.type]: (reader, shift, woven) => appendItems(reader, shift, woven.types),
  [SECTION.import]: (reader, shift, woven) => appendItems(reader, shift, woven.imports),
  [SECTION.function]: (reader, shift, woven) =>
    appendItems(
      reader,
      shift,
      woven.functions.map(({ typeIndex }) => indexItem(typeIndex)),
    ),
  [SECTION.table]: (reader, shift) => rewriteTables(reader, shift, []),
  [SECTION.global]: (reader, shift, woven) =>
    rewriteGlobals(
      reader,
      shift,
      Array.from({ length: 1 + (woven.profile?.count ?? 0) }, countGlobal),
    ),
  [SECTION.export]: (reader, shift, woven) => rewriteExports(reader, shift, wovenExports(woven)),
  [SECTION.element]: (reader, shift) => rewriteElements(reader, shift, []),
};

/** Omitted sections: the host calls the start function and provides the memories. */
const OMITTED: ReadonlySet<number> = new Set([SECTION.start, SECTION.memory]);

function writeCode(out: Writer, code: WovenCode): void {
  customSection(out, 'metadata.code.branch_hint', code.hints);
  const count = new Writer(5);
  count.u32(code.count);
  out.u8(SECTION.code);
  out.u32(count.length + code.bodies.length);
  out.append(count);
  out.append(code.bodies);
}

function customSection(out: Writer, name: string, contents: Writer): void {
  const section = new Writer(contents.length + 32);
  section.name(name);
  section.append(contents);
  out.u8(SECTION.custom);
  out.sized(section);
}

export interface MeterOptions {
  /**
   * Also counts gas per function. This takes time, but changes neither the gas used nor the guest's behaviour. Ignored if
   * the module defines more than {@link MAX_PROFILED} functions. Default false.
   */
  readonly profile?: boolean;
  /** The module is the code part of another (image/split.ts); its instances get an image. Default false. */
  readonly isCodePart?: boolean;
}

/**
 * Weaves metering into a module. Pure and deterministic; linear in the module's size.
 * Throws {@link InputError}: `not-wasm`, `malformed-module`, `unsupported-feature`. A module that is invalid in ways
 * checked only by an engine stays invalid.
 */
export function meter(
  bytes: Uint8Array,
  { profile = false, isCodePart = false }: MeterOptions = {},
): Uint8Array<ArrayBuffer> {
  const module = readModule(bytes, skipConstantExpression);
  checkMeterable(module);
  const code = weaveCode(module, profile, isCodePart);
  const { woven } = code;
  if (isCodePart && woven.plan.imageGlobals === undefined) {
    throw new InputError('unsupported-feature', 'This module has state that no image can have.');
  }
  const shift: Shift = {
    from: woven.shiftFrom,
    by: woven.shift,
    functions: module.functions.length,
    globals: module.globals.length,
  };
  const byId = new Map(module.sections.map((section) => [section.id, section]));
  const readerOf = (section: Section | undefined) =>
    new Reader(bytes, section?.start ?? 0, section?.end ?? 0, module.types.length);

  const out = new Writer(bytes.length + code.bodies.length + code.hints.length + 4096);
  out.copy(bytes, 0, 8);
  let order = 0;
  const writeUpTo = (last: number): void => {
    for (; order <= last; order++) {
      const id = SECTION_ORDER[order] ?? 0;
      const rewrite = REWRITES[id];
      const section = byId.get(id);
      if (id === SECTION.code) writeCode(out, code);
      else if (rewrite !== undefined && (section !== undefined || ALWAYS_PRESENT.has(id))) {
        out.u8(id);
        out.sized(rewrite(readerOf(section), shift, woven));
      } else if (section !== undefined && !OMITTED.has(id)) {
        out.u8(id);
        out.u32(section.end - section.start);
        out.copy(bytes, section.start, section.end);
      }
    }
  };
  for (const section of module.sections) {
    if (section.name === undefined) writeUpTo(SECTION_ORDER.indexOf(section.id));
    else if (section.name === 'name') {
      const renamed = renameSection(readerOf(section), shift, addedNames(module, woven));
      // The name section must follow the code section.
      if (renamed !== undefined) {
        writeUpTo(SECTION_ORDER.length - 1);
        customSection(out, 'name', renamed);
      }
    } else if (!REFERS_TO_CODE.test(section.name)) {
      const contents = new Writer(section.end - section.start);
      contents.copy(bytes, section.start, section.end);
      customSection(out, section.name, contents);
    }
  }
  writeUpTo(SECTION_ORDER.length - 1);
  const plan = new Writer();
  const text = new TextEncoder().encode(JSON.stringify(woven.plan));
  plan.copy(text, 0, text.length);
  customSection(out, PLAN_SECTION, plan);
  return out.take();
}
