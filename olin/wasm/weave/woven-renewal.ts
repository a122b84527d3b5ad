/**
 * Generates the function that resets an instance, so that it can serve another guest.
 *
 * Creating an instance costs more than the rest of a short run, and collecting it costs about as much again. The state
 * that a guest can change is memories, mutable globals, tables and segments. The weaver adds a function that restores the
 * initial values of the globals. It omits that function if any code changes tables or drops segments; such an instance
 * serves one guest only. The host restores the memories.
 *
 * In the code part of a module (../image/split.ts), the function takes the values of the image as parameters.
 */
import type { Module } from '../format/module.ts';

import { CODE } from '../format/codes.ts';
import { Reader } from '../format/read.ts';
import { rewriteExpression } from './rewrite.ts';
import { SECTION } from '../format/sections.ts';
import { readGlobalType } from '../format/types.ts';
import { readOwnGlobals } from '../image/globals.ts';
import type { ImageType } from '../image/image.ts';
import { Writer } from '../format/write.ts';

/** Maximum size of the global section: engines limit the length of a function. */
const MAX_BYTES = 65_536;

/** Instructions that make a value of the global's type of a parameter. */
const REINTERPRET: Readonly<Partial<Record<ImageType, number>>> = {
  f32: CODE.f32ReinterpretI32,
  f64: CODE.f64ReinterpretI64,
};

/** The types of the function's parameters: the globals in the image of a module whose code part this is. */
export function imageGlobals(module: Module): ImageType[] {
  return readOwnGlobals(module).flatMap(({ inImage }) =>
    inImage === undefined ? [] : [inImage.type],
  );
}

/**
 * Returns the body of the function, or undefined if the module cannot be reset.
 * @param isCode whether the module is the code part of another
 */
export function renewalBody(module: Module, shiftBy: number, isCode: boolean): Writer | undefined {
  if (module.imports.some(({ what }) => what.kind !== 'function')) return undefined;
  const section = module.sections.find(({ id }) => id === SECTION.global);
  if (section !== undefined && section.end - section.start > MAX_BYTES) return undefined;
  const body = new Writer();
  body.u8(0);
  if (section !== undefined) {
    const { importedFunctions, functions, globals, types } = module;
    const reader = new Reader(module.bytes, section.start, section.end, types.length);
    const shift = {
      from: importedFunctions,
      by: shiftBy,
      functions: functions.length,
      globals: globals.length,
    };
    const own = isCode ? readOwnGlobals(module) : [];
    let param = 0;
    const count = reader.count('globals');
    for (let index = 0; index < count; index++) {
      const { mutable } = readGlobalType(reader);
      const before = body.length;
      rewriteExpression(reader, body, shift);
      // `global.set` replaces the `end` of the expression.
      body.length = mutable ? body.length - 1 : before;
      const type = own[index]?.inImage?.type;
      if (type !== undefined) {
        body.length = before;
        body.op(CODE.localGet, param++);
        const reinterpret = REINTERPRET[type];
        if (reinterpret !== undefined) body.u8(reinterpret);
      }
      if (mutable) body.op(CODE.globalSet, index);
    }
  }
  body.u8(CODE.end);
  return body;
}
