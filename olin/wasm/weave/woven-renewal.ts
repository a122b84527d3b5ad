/**
 * Generates the function that resets an instance, so that it can serve another guest.
 *
 * Creating an instance costs more than the rest of a short run, and collecting it costs about as much again. The state
 * that a guest can change is memories, mutable globals, tables and segments. The weaver adds a function that restores the
 * initial values of the globals. It omits that function if any code changes tables or drops segments; such an instance
 * serves one guest only. The host restores the memories.
 */
import type { Module } from '../format/module.ts';

import { CODE } from '../format/codes.ts';
import { Reader } from '../format/read.ts';
import { rewriteExpression } from './rewrite.ts';
import { SECTION } from '../format/sections.ts';
import { readGlobalType } from '../format/types.ts';
import { Writer } from '../format/write.ts';

/** Maximum size of the global section: engines limit the length of a function. */
const MAX_BYTES = 65_536;

/** Returns the body of the function, or undefined if the module cannot be reset. */
export function renewalBody(module: Module, shiftBy: number): Writer | undefined {
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
    const count = reader.count('globals');
    for (let index = 0; index < count; index++) {
      const { mutable } = readGlobalType(reader);
      const before = body.length;
      rewriteExpression(reader, body, shift);
      // `global.set` replaces the `end` of the expression.
      body.length = mutable ? body.length - 1 : before;
      if (mutable) body.op(CODE.globalSet, index);
    }
  }
  body.u8(CODE.end);
  return body;
}
