/** Encodes what metering adds to a module: types, imports, and the bodies of the small functions. */
import { CODE } from '../format/codes.ts';
import type { Bounds } from '../format/types.ts';
import { Writer } from '../format/write.ts';

function bytes(...values: readonly number[]): Writer {
  const writer = new Writer(values.length);
  for (const value of values) writer.u8(value);
  return writer;
}

export function functionType(params: readonly number[], results: readonly number[]): Writer {
  return bytes(CODE.function, params.length, ...params, results.length, ...results);
}

export function functionImport(module: string, name: string, typeIndex: number): Writer {
  const writer = new Writer();
  writer.name(module);
  writer.name(name);
  writer.u8(0);
  writer.u32(typeIndex);
  return writer;
}

/** The import that replaces a memory the module defined, with the same type. */
export function memoryImport(module: string, index: number, { min, max, is64 }: Bounds): Writer {
  const writer = new Writer();
  writer.name(module);
  writer.name(`memory.${index}`);
  writer.u8(2);
  writer.u8((max === undefined ? 0 : 1) | (is64 ? 4 : 0));
  writer.u64(min);
  if (max !== undefined) writer.u64(max);
  return writer;
}

/** Stores the budget in the global, calls the host, and traps if the host returns 1. */
export function turnBody(turnImport: number, gas: number): Writer {
  const body = bytes(0);
  body.op(CODE.localGet, 0);
  body.op(CODE.globalSet, gas);
  body.op(CODE.call, turnImport);
  // A guest cannot catch a trap.
  for (const byte of [CODE.if, CODE.void, CODE.unreachable, CODE.end]) body.u8(byte);
  body.op(CODE.globalGet, gas);
  body.u8(CODE.end);
  return body;
}

/** Replaces a function that was threaded: passes it the budget, and stores the budget it returns. */
export function callerBody(params: number, threaded: number, gas: number): Writer {
  const body = bytes(0);
  for (let param = 0; param < params; param++) body.op(CODE.localGet, param);
  body.op(CODE.globalGet, gas);
  body.op(CODE.call, threaded);
  body.op(CODE.globalSet, gas);
  body.u8(CODE.end);
  return body;
}

/**
 * Calls the start function. Exporting the start function itself would make it a valid operand of `ref.func`, and so
 * could make an invalid module valid.
 */
export function startBody(start: number): Writer {
  const body = bytes(0);
  body.op(CODE.call, start);
  body.u8(CODE.end);
  return body;
}
