/**
 * Another guest in an instance that an earlier one has left.
 *
 * Making an instance costs more than most of a short run, and its remains cost the collector as much again. What a guest
 * can change of an instance is its memories, its mutable globals, its tables and its segments. The weaver adds a function
 * that gives the globals their first values, and leaves it out where some code changes tables or drops segments, so that
 * such an instance serves one guest. The host writes the memories as they were before the first instruction.
 */
import type { Module } from '../format/module.ts';

import { CODE } from '../format/codes.ts';
import { Reader } from '../format/read.ts';
import { rewriteExpression } from './rewrite.ts';
import { SECTION } from '../format/sections.ts';
import { readGlobalType } from '../format/types.ts';
import { Writer } from '../format/write.ts';

/** Of the section of globals; the engine bounds how long the function may be. */
const MAX_BYTES = 65_536;

/** The function's body; undefined where the module cannot have one. */
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
      // The `end` of the expression gives way to the instruction that takes its value.
      body.length = mutable ? body.length - 1 : before;
      if (mutable) body.op(CODE.globalSet, index);
    }
  }
  body.u8(CODE.end);
  return body;
}
