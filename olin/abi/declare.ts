/**
 * Declarations of ABI functions. The import object, the trace, the check of a module's imports, the reference pages and
 * the guest bindings of sdk/ are all derived from them.
 */
import { CALL_BOUNDS, gasFor } from '../run/call-cost.ts';
import { CallError, type ErrorName } from '../errors.ts';
import { decodeText, GuestBuffer } from '../run/memory.ts';
import type { Process } from '../run/process.ts';

/** Parameter types as the body sees them. The last four are a pointer and a length on the wire. */
export interface ParamTypes {
  /** A signed 32-bit number. */
  i32: number;
  /** An unsigned 32-bit number. */
  u32: number;
  /** An unsigned 64-bit number. */
  u64: bigint;
  /** UTF-8 text from the guest. */
  text: string;
  /** Bytes from the guest, up to what one call moves: a view of its memory, valid until the call returns or waits. */
  bytes: Uint8Array;
  /** Guest memory for the call to write to. */
  buffer: GuestBuffer;
  /** Text in guest memory that the body reads itself, which then decides about errors and charges. */
  range: GuestRange;
}

export interface GuestRange {
  readonly base: number;
  readonly length: number;
}

export type ParamType = keyof ParamTypes;
export type ResultType = 'i32' | 'u32' | 'i64' | 'u64';

export interface Param<T extends ParamType = ParamType> {
  /** A pair on the wire is called `name_base` and `name_len`. */
  readonly name: string;
  readonly type: T;
  /** One sentence without a full stop. */
  readonly doc: string;
  /** Maximum length of a text in bytes. A longer one is InvalidArgument, and is not read. */
  readonly maxBytes?: number;
}

export interface Result {
  readonly name: string;
  readonly type: ResultType;
  readonly doc: string;
}

type Values<P extends readonly Param[]> = { [K in keyof P]: ParamTypes[P[K]['type']] };
type CallResult = number | bigint | void;

interface Declaration<P extends readonly Param[]> {
  /** Without the namespace. */
  readonly name: string;
  /** One sentence: what the function does for the guest. */
  readonly doc: string;
  /** Further sentences. */
  readonly details?: string;
  readonly params: P;
  /** Absent for a function that returns nothing. */
  readonly result?: Result;
  readonly errors: readonly ErrorName[];
  /** Whether the body may return a promise, which suspends the guest. */
  readonly blocks: boolean;
  /** Performs the call. A thrown CallError is returned to the guest as its negative code. */
  readonly body: (process: Process, ...values: Values<P>) => CallResult | Promise<CallResult>;
}

/** A declared function with an untyped body. */
export interface AbiFunction extends Omit<Declaration<readonly Param[]>, 'body'> {
  /** Calls the body with values from {@link decode}. */
  readonly call: (
    process: Process,
    values: readonly ParamTypes[ParamType][],
  ) => CallResult | Promise<CallResult>;
}

export function declare<const P extends readonly Param[]>(
  declaration: Declaration<P>,
): AbiFunction {
  const { body, ...rest } = declaration;
  // The compiler cannot know that the values of decode() match `params`; this is the only such cast.
  return { ...rest, call: (process, values) => body(process, ...(values as unknown as Values<P>)) };
}

export interface Namespace {
  readonly name: string;
  /** One sentence for the docs. */
  readonly doc: string;
  readonly functions: readonly AbiFunction[];
}

/** A WebAssembly parameter that a declared parameter is lowered to. */
export interface WireParam {
  readonly name: string;
  readonly type: 'i32' | 'i64';
}

/** Whether the parameter is a pointer and a length on the wire. */
export function isRange(type: ParamType): boolean {
  return type === 'text' || type === 'bytes' || type === 'buffer' || type === 'range';
}

export function wireParams(fn: AbiFunction): WireParam[] {
  return fn.params.flatMap(({ name, type }): WireParam[] =>
    isRange(type)
      ? [
          { name: `${name}_base`, type: 'i32' },
          { name: `${name}_len`, type: 'i32' },
        ]
      : [{ name, type: type === 'u64' ? 'i64' : 'i32' }],
  );
}

export function wireResults(fn: AbiFunction): ('i32' | 'i64')[] {
  if (fn.result === undefined) return [];
  return [fn.result.type.endsWith('64') ? 'i64' : 'i32'];
}

/**
 * Converts WebAssembly values to the body's values, and charges for reading them. Throws InvalidArgument if a range is
 * outside the memory or a text is too long.
 */
export function decode(
  fn: AbiFunction,
  process: Process,
  wire: readonly (number | bigint)[],
): ParamTypes[ParamType][] {
  const values: ParamTypes[ParamType][] = [];
  let at = 0;
  for (const param of fn.params) {
    const { type } = param;
    const given = wire[at++] ?? 0;
    if (typeof given === 'bigint') {
      values.push(BigInt.asUintN(64, given));
      continue;
    }
    const first = given;
    if (type === 'i32') values.push(first | 0);
    else if (type === 'u32') values.push(first >>> 0);
    else values.push(decodeRange(param, process, first, Number(wire[at++] ?? 0)));
  }
  return values;
}

function decodeRange(
  { name, type, maxBytes = CALL_BOUNDS.movedBytes }: Param,
  process: Process,
  base: number,
  length: number,
): string | Uint8Array | GuestBuffer | GuestRange {
  const { memory } = process;
  if (type === 'range') return { base: base >>> 0, length: length >>> 0 };
  if (type === 'buffer') return new GuestBuffer(memory, base, length);
  const whole = length >>> 0;
  if (type === 'bytes') {
    memory.check(base, whole);
    const taken = Math.min(whole, CALL_BOUNDS.movedBytes);
    process.charge(gasFor('moved', taken));
    return memory.view(base, taken);
  }
  const bytes = memory.view(base, whole);
  if (bytes.length > maxBytes) {
    throw new CallError(
      'InvalidArgument',
      `the ${name} has ${bytes.length} bytes; the maximum is ${maxBytes}`,
    );
  }
  process.charge(gasFor('text', bytes.length));
  return decodeText(bytes);
}
