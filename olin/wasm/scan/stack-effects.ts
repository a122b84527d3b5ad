/**
 * The change of the operand stack's height by each instruction. The scan needs the height because the engine's work at a
 * branch grows with it (see compile-cost.ts).
 */
import { NAME_OF } from '../format/opcodes.ts';

/** Instruction names by net effect. Instructions that depend on a type, such as `call`, are listed by their fixed part. */
const PATTERNS: readonly (readonly [effect: number, pattern: RegExp])[] = [
  [0, /^(unreachable|nop|block|loop|else|end|try|try_table|catch|catch_all|delegate|br|return)$/],
  [0, /^(return_call|rethrow|throw|call|atomic\.fence|data\.drop|elem\.drop)$/],
  [
    -1,
    /^(if|br_if|br_table|throw_ref|call_indirect|call_ref|return_call_indirect|return_call_ref)$/,
  ],
  [0, /^(br_on_null|br_on_cast|br_on_cast_fail)$/],
  [-1, /^(br_on_non_null|drop|local\.set|global\.set)$/],
  [
    0,
    /^(local\.tee|table\.get|memory\.grow|ref\.is_null|ref\.as_non_null|ref\.test.*|ref\.cast.*)$/,
  ],
  [0, /^(any\.convert_extern|extern\.convert_any|ref\.i31|i31\.get_.)$/],
  [-2, /^(select|select_t|table\.set)$/],
  [-1, /^(table\.grow|ref\.eq|memory\.atomic\.notify)$/],
  [-2, /^memory\.atomic\.wait/],
  [-3, /^(memory|table)\.(fill|copy|init)$/],
  [-2, /\.store\d*(_lane)?$/],
  [-1, /^v128\.load\d+_lane$/],
  [0, /\.load/],
  [-2, /\.atomic\.rmw\d*\.cmpxchg/],
  [-1, /\.atomic\.rmw/],
  [-2, /(bitselect|laneselect|madd|nmadd|_add_s)$/],
  [0, /\.(eqz|clz|ctz|popcnt|abs|neg|ceil|floor|nearest|sqrt|not|splat|bitmask)$/],
  [0, /\.(all_true|any_true|extract_lane.*|wrap_i64|trunc.*|relaxed_trunc.*|convert_.*)$/],
  [0, /\.(extend8_s|extend16_s|extend32_s|extend_i32_.|extend_low_.*|extend_high_.*)$/],
  [0, /\.(extadd_.*|demote_.*|promote_.*|reinterpret_.*)$/],
  [-1, /\.(add|sub|mul|div|rem|and|or|xor|shl|shr|rotl|rotr|min|max|pmin|pmax|copysign)(_.+)?$/],
  [-1, /\.(eq|ne|lt|gt|le|ge)(_[su])?$/],
  [-1, /\.(swizzle|shuffle|replace_lane|andnot|narrow_.*|avgr_u|q15mulr_sat_s)$/],
  [-1, /\.(dot_.*|extmul_.*|relaxed_(swizzle|min|max|q15mulr_s|dot_i8x16_i7x16_s))$/],
];

/** Instructions that push, and those that match no pattern: an omission then overestimates the height. */
const PUSHES = 1;

/** By slot of the opcode table. */
export const STACK_EFFECT = Int8Array.from(NAME_OF, effectOf);

function effectOf(name: string | undefined): number {
  if (name === undefined) return PUSHES;
  return PATTERNS.find(([, pattern]) => pattern.test(name))?.[0] ?? PUSHES;
}
