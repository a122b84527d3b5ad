/** Reads constants, in initial values and offsets. What an engine might refuse is not read: undefined. */
import type { Reader } from '../format/read.ts';
import type { ImageGlobal } from './image.ts';

const END = 0x0b;
const [I32_CONST, I64_CONST, F32_CONST, F64_CONST] = [0x41, 0x42, 0x43, 0x44];

/** An expression that is one constant. Elsewhere than at its end if it is another expression. */
export function readConstant(reader: Reader): ImageGlobal | undefined {
  const constant = readNumber(reader);
  return constant !== undefined && reader.u8() === END ? constant : undefined;
}

function readNumber(reader: Reader): ImageGlobal | undefined {
  switch (reader.u8()) {
    case I32_CONST:
      return signed(reader, 'i32', 32n);
    case I64_CONST:
      return signed(reader, 'i64', 64n);
    case F32_CONST:
      return { type: 'f32', bits: unsigned(reader, 4) };
    case F64_CONST:
      return { type: 'f64', bits: unsigned(reader, 8) };
    default:
      return undefined;
  }
}

function unsigned(reader: Reader, size: number): bigint {
  let bits = 0n;
  for (let at = 0; at < size; at++) bits |= BigInt(reader.u8()) << BigInt(8 * at);
  return bits;
}

/** A signed LEB128. Undefined if it is longer than a number of so many bits can be, or larger. */
function signed(reader: Reader, type: 'i32' | 'i64', bits: bigint): ImageGlobal | undefined {
  let value = 0n;
  for (let shift = 0n; shift < bits; shift += 7n) {
    const byte = BigInt(reader.u8());
    value |= (byte & 0x7fn) << shift;
    if (byte >= 0x80n) continue;
    const whole = BigInt.asIntN(Number(shift) + 7, value);
    if (whole !== BigInt.asIntN(Number(bits), whole)) return undefined;
    return { type, bits: BigInt.asUintN(Number(bits), whole) };
  }
  return undefined;
}
