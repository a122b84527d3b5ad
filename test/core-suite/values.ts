/** Values of the suite's JSON: as bytes for numbers and vectors, as JavaScript values for references. */

export interface SuiteValue {
  readonly type: string;
  readonly lane_type?: string;
  readonly value?: string | readonly string[];
  readonly values?: readonly SuiteValue[];
}

/** Bits of a lane or of a scalar. */
const BITS: Readonly<Record<string, number>> = {
  i8: 8,
  i16: 16,
  i32: 32,
  f32: 32,
  i64: 64,
  f64: 64,
};

export const isNumeric = (type: string): boolean => type === 'v128' || type in BITS;

interface Lane {
  readonly type: string;
  readonly text: string;
}

function lanesOf(value: SuiteValue): Lane[] {
  const type = value.lane_type ?? value.type;
  const texts = typeof value.value === 'string' ? [value.value] : (value.value ?? []);
  return texts.map((text) => ({ type, text }));
}

function readLane(view: DataView, at: number, bits: number): bigint {
  let value = 0n;
  for (let byte = bits / 8 - 1; byte >= 0; byte--)
    value = (value << 8n) | BigInt(view.getUint8(at + byte));
  return value;
}

/** Writes an argument, little-endian. */
export function writeValue(view: DataView, at: number, value: SuiteValue): void {
  let to = at;
  for (const { type, text } of lanesOf(value)) {
    const bits = BITS[type] ?? 0;
    let rest = BigInt.asUintN(bits, BigInt(text));
    for (let byte = 0; byte < bits / 8; byte++) {
      view.setUint8(to++, Number(rest & 0xffn));
      rest >>= 8n;
    }
  }
}

function laneMatches(lane: Lane, bits: number, actual: bigint): boolean {
  if (!lane.text.startsWith('nan:')) return actual === BigInt.asUintN(bits, BigInt(lane.text));
  const quiet = bits === 32 ? 0x7fc0_0000n : 0x7ff8_0000_0000_0000n;
  const sign = 1n << BigInt(bits - 1);
  if (lane.text === 'nan:canonical') return (actual & ~sign) === quiet;
  return (actual & quiet) === quiet;
}

/** Returns whether the bytes at `at` match the expected value. */
export function matchesBytes(view: DataView, at: number, expected: SuiteValue): boolean {
  if (expected.type === 'either') {
    return (expected.values ?? []).some((value) => matchesBytes(view, at, value));
  }
  let from = at;
  return lanesOf(expected).every((lane) => {
    const bits = BITS[lane.type] ?? 0;
    const actual = readLane(view, from, bits);
    from += bits / 8;
    return laneMatches(lane, bits, actual);
  });
}

const scratch = new DataView(new ArrayBuffer(16));
const externs = new Map<string, object>();

/** Returns the host object for `(ref.extern n)`. */
function extern(name: string): object {
  const known = externs.get(name);
  if (known !== undefined) return known;
  const made = { extern: name };
  externs.set(name, made);
  return made;
}

/** Converts an argument to a JavaScript value. */
export function toJs(value: SuiteValue): unknown {
  writeValue(scratch, 0, isNumeric(value.type) ? value : { type: 'i32', value: '0' });
  if (value.type === 'i32') return scratch.getInt32(0, true);
  if (value.type === 'i64') return scratch.getBigInt64(0, true);
  if (value.type === 'f32') return scratch.getFloat32(0, true);
  if (value.type === 'f64') return scratch.getFloat64(0, true);
  if (value.value === 'null' || value.type === 'refnull') return null;
  if (typeof value.value === 'string') return extern(value.value);
  return undefined;
}

/** Returns whether a JavaScript result matches the expected one; a reference without a value matches any but null. */
export function matchesJs(actual: unknown, expected: SuiteValue): boolean {
  if (expected.type === 'either') {
    return (expected.values ?? []).some((value) => matchesJs(actual, value));
  }
  if (expected.type.startsWith('null') || expected.type === 'refnull') return actual === null;
  if (isNumeric(expected.type)) {
    if (expected.type === 'i64' && typeof actual === 'bigint') scratch.setBigInt64(0, actual, true);
    else if (typeof actual !== 'number') return false;
    else if (expected.type === 'i32') scratch.setInt32(0, actual, true);
    else if (expected.type === 'f32') scratch.setFloat32(0, actual, true);
    else if (expected.type === 'f64') scratch.setFloat64(0, actual, true);
    else return false;
    return matchesBytes(scratch, 0, expected);
  }
  if (expected.value === undefined) return actual !== null;
  return actual === toJs(expected);
}
