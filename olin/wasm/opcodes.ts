/**
 * Every instruction Olin knows, as data. There is no other list of opcodes.
 *
 * A row: the first opcode in hexadecimal (with its prefix byte, if any), the immediates, whether the instruction may
 * trap, and the names of it and of those that follow it without a gap. What is in no row is refused by its number.
 * Source: core specification 3.0, chapter 5.4, and the threads, relaxed SIMD and legacy exceptions proposals.
 */

/** Kinds of immediates, by what a reader must do to get past them. */
export const IMMEDIATES = [
  'none',
  'block',
  'catches',
  'label',
  'labels',
  'index',
  'type',
  'function',
  'indirect',
  'local',
  'global',
  'memory',
  'memories',
  'two',
  'types',
  'memarg',
  'memarg-lane',
  'i32',
  'i64',
  'bytes-1',
  'bytes-4',
  'bytes-8',
  'bytes-16',
  'heap',
  'cast-branch',
  'data-memory',
] as const;

export type Immediates = (typeof IMMEDIATES)[number];

/** `may` trap: what is charged by then can be seen from outside. `never`: it cannot. */
type Traps = 'may' | 'never';

type Row = readonly [first: string, immediates: Immediates, traps: Traps, names: string];

export const ROWS: readonly Row[] = [
  // Control
  ['00', 'none', 'may', 'unreachable'],
  ['01', 'none', 'never', 'nop'],
  ['02', 'block', 'never', 'block loop if'],
  ['05', 'none', 'never', 'else'],
  ['06', 'block', 'never', 'try'],
  ['07', 'index', 'never', 'catch'],
  ['08', 'index', 'may', 'throw'],
  ['09', 'label', 'may', 'rethrow'],
  ['0a', 'none', 'may', 'throw_ref'],
  ['0b', 'none', 'never', 'end'],
  ['0c', 'label', 'never', 'br br_if'],
  ['0e', 'labels', 'never', 'br_table'],
  ['0f', 'none', 'never', 'return'],
  // Whether a call is seen from outside depends on how it is woven: the scan tells calls apart from traps.
  ['10', 'function', 'never', 'call'],
  ['11', 'indirect', 'may', 'call_indirect'],
  ['12', 'function', 'may', 'return_call'],
  ['13', 'indirect', 'may', 'return_call_indirect'],
  ['14', 'type', 'may', 'call_ref return_call_ref'],
  ['18', 'label', 'never', 'delegate'],
  ['19', 'none', 'never', 'catch_all'],
  ['1a', 'none', 'never', 'drop select'],
  ['1c', 'types', 'never', 'select_t'],
  ['1f', 'catches', 'never', 'try_table'],
  // Variables and tables
  ['20', 'local', 'never', 'local.get local.set local.tee'],
  ['23', 'global', 'never', 'global.get global.set'],
  ['25', 'index', 'may', 'table.get table.set'],
  // Memory
  ['28', 'memarg', 'may', 'i32.load i64.load f32.load f64.load'],
  ['2c', 'memarg', 'may', 'i32.load8_s i32.load8_u i32.load16_s i32.load16_u'],
  [
    '30',
    'memarg',
    'may',
    'i64.load8_s i64.load8_u i64.load16_s i64.load16_u i64.load32_s i64.load32_u',
  ],
  ['36', 'memarg', 'may', 'i32.store i64.store f32.store f64.store'],
  ['3a', 'memarg', 'may', 'i32.store8 i32.store16 i64.store8 i64.store16 i64.store32'],
  ['3f', 'memory', 'never', 'memory.size'],
  ['40', 'memory', 'may', 'memory.grow'],
  // Numbers
  ['41', 'i32', 'never', 'i32.const'],
  ['42', 'i64', 'never', 'i64.const'],
  ['43', 'bytes-4', 'never', 'f32.const'],
  ['44', 'bytes-8', 'never', 'f64.const'],
  [
    '45',
    'none',
    'never',
    'i32.eqz i32.eq i32.ne i32.lt_s i32.lt_u i32.gt_s i32.gt_u i32.le_s i32.le_u i32.ge_s i32.ge_u',
  ],
  [
    '50',
    'none',
    'never',
    'i64.eqz i64.eq i64.ne i64.lt_s i64.lt_u i64.gt_s i64.gt_u i64.le_s i64.le_u i64.ge_s i64.ge_u',
  ],
  [
    '5b',
    'none',
    'never',
    'f32.eq f32.ne f32.lt f32.gt f32.le f32.ge f64.eq f64.ne f64.lt f64.gt f64.le f64.ge',
  ],
  ['67', 'none', 'never', 'i32.clz i32.ctz i32.popcnt i32.add i32.sub i32.mul'],
  ['6d', 'none', 'may', 'i32.div_s i32.div_u i32.rem_s i32.rem_u'],
  ['71', 'none', 'never', 'i32.and i32.or i32.xor i32.shl i32.shr_s i32.shr_u i32.rotl i32.rotr'],
  ['79', 'none', 'never', 'i64.clz i64.ctz i64.popcnt i64.add i64.sub i64.mul'],
  ['7f', 'none', 'may', 'i64.div_s i64.div_u i64.rem_s i64.rem_u'],
  ['83', 'none', 'never', 'i64.and i64.or i64.xor i64.shl i64.shr_s i64.shr_u i64.rotl i64.rotr'],
  ['8b', 'none', 'never', 'f32.abs f32.neg f32.ceil f32.floor f32.trunc f32.nearest f32.sqrt'],
  ['92', 'none', 'never', 'f32.add f32.sub f32.mul f32.div f32.min f32.max f32.copysign'],
  ['99', 'none', 'never', 'f64.abs f64.neg f64.ceil f64.floor f64.trunc f64.nearest f64.sqrt'],
  ['a0', 'none', 'never', 'f64.add f64.sub f64.mul f64.div f64.min f64.max f64.copysign'],
  ['a7', 'none', 'never', 'i32.wrap_i64'],
  ['a8', 'none', 'may', 'i32.trunc_f32_s i32.trunc_f32_u i32.trunc_f64_s i32.trunc_f64_u'],
  ['ac', 'none', 'never', 'i64.extend_i32_s i64.extend_i32_u'],
  ['ae', 'none', 'may', 'i64.trunc_f32_s i64.trunc_f32_u i64.trunc_f64_s i64.trunc_f64_u'],
  [
    'b2',
    'none',
    'never',
    'f32.convert_i32_s f32.convert_i32_u f32.convert_i64_s f32.convert_i64_u f32.demote_f64',
  ],
  [
    'b7',
    'none',
    'never',
    'f64.convert_i32_s f64.convert_i32_u f64.convert_i64_s f64.convert_i64_u f64.promote_f32',
  ],
  [
    'bc',
    'none',
    'never',
    'i32.reinterpret_f32 i64.reinterpret_f64 f32.reinterpret_i32 f64.reinterpret_i64',
  ],
  [
    'c0',
    'none',
    'never',
    'i32.extend8_s i32.extend16_s i64.extend8_s i64.extend16_s i64.extend32_s',
  ],
  // References
  ['d0', 'heap', 'never', 'ref.null'],
  ['d1', 'none', 'never', 'ref.is_null'],
  ['d2', 'function', 'never', 'ref.func'],
  ['d3', 'none', 'never', 'ref.eq'],
  ['d4', 'none', 'may', 'ref.as_non_null'],
  ['d5', 'label', 'never', 'br_on_null br_on_non_null'],
  // Garbage collection
  ['fb00', 'index', 'may', 'struct.new struct.new_default'],
  ['fb02', 'two', 'may', 'struct.get struct.get_s struct.get_u struct.set'],
  ['fb06', 'index', 'may', 'array.new array.new_default'],
  ['fb08', 'two', 'may', 'array.new_fixed array.new_data array.new_elem'],
  ['fb0b', 'index', 'may', 'array.get array.get_s array.get_u array.set'],
  ['fb0f', 'none', 'may', 'array.len'],
  ['fb10', 'index', 'may', 'array.fill'],
  ['fb11', 'two', 'may', 'array.copy array.init_data array.init_elem'],
  ['fb14', 'heap', 'never', 'ref.test ref.test_null'],
  ['fb16', 'heap', 'may', 'ref.cast ref.cast_null'],
  ['fb18', 'cast-branch', 'never', 'br_on_cast br_on_cast_fail'],
  ['fb1a', 'none', 'never', 'any.convert_extern extern.convert_any ref.i31'],
  ['fb1d', 'none', 'may', 'i31.get_s i31.get_u'],
  // Saturating conversions, bulk memory, bulk tables
  [
    'fc00',
    'none',
    'never',
    'i32.trunc_sat_f32_s i32.trunc_sat_f32_u i32.trunc_sat_f64_s i32.trunc_sat_f64_u',
  ],
  [
    'fc04',
    'none',
    'never',
    'i64.trunc_sat_f32_s i64.trunc_sat_f32_u i64.trunc_sat_f64_s i64.trunc_sat_f64_u',
  ],
  ['fc08', 'data-memory', 'may', 'memory.init'],
  ['fc09', 'index', 'may', 'data.drop'],
  ['fc0a', 'memories', 'may', 'memory.copy'],
  ['fc0b', 'memory', 'may', 'memory.fill'],
  ['fc0c', 'two', 'may', 'table.init'],
  ['fc0d', 'index', 'may', 'elem.drop'],
  ['fc0e', 'two', 'may', 'table.copy'],
  ['fc0f', 'index', 'may', 'table.grow'],
  ['fc10', 'index', 'never', 'table.size'],
  ['fc11', 'index', 'may', 'table.fill'],
  // SIMD
  [
    'fd00',
    'memarg',
    'may',
    'v128.load v128.load8x8_s v128.load8x8_u v128.load16x4_s v128.load16x4_u v128.load32x2_s v128.load32x2_u',
  ],
  [
    'fd07',
    'memarg',
    'may',
    'v128.load8_splat v128.load16_splat v128.load32_splat v128.load64_splat v128.store',
  ],
  ['fd0c', 'bytes-16', 'never', 'v128.const i8x16.shuffle'],
  [
    'fd0e',
    'none',
    'never',
    'i8x16.swizzle i8x16.splat i16x8.splat i32x4.splat i64x2.splat f32x4.splat f64x2.splat',
  ],
  [
    'fd15',
    'bytes-1',
    'never',
    'i8x16.extract_lane_s i8x16.extract_lane_u i8x16.replace_lane i16x8.extract_lane_s i16x8.extract_lane_u i16x8.replace_lane i32x4.extract_lane i32x4.replace_lane i64x2.extract_lane i64x2.replace_lane f32x4.extract_lane f32x4.replace_lane f64x2.extract_lane f64x2.replace_lane',
  ],
  [
    'fd23',
    'none',
    'never',
    'i8x16.eq i8x16.ne i8x16.lt_s i8x16.lt_u i8x16.gt_s i8x16.gt_u i8x16.le_s i8x16.le_u i8x16.ge_s i8x16.ge_u',
  ],
  [
    'fd2d',
    'none',
    'never',
    'i16x8.eq i16x8.ne i16x8.lt_s i16x8.lt_u i16x8.gt_s i16x8.gt_u i16x8.le_s i16x8.le_u i16x8.ge_s i16x8.ge_u',
  ],
  [
    'fd37',
    'none',
    'never',
    'i32x4.eq i32x4.ne i32x4.lt_s i32x4.lt_u i32x4.gt_s i32x4.gt_u i32x4.le_s i32x4.le_u i32x4.ge_s i32x4.ge_u',
  ],
  [
    'fd41',
    'none',
    'never',
    'f32x4.eq f32x4.ne f32x4.lt f32x4.gt f32x4.le f32x4.ge f64x2.eq f64x2.ne f64x2.lt f64x2.gt f64x2.le f64x2.ge',
  ],
  [
    'fd4d',
    'none',
    'never',
    'v128.not v128.and v128.andnot v128.or v128.xor v128.bitselect v128.any_true',
  ],
  [
    'fd54',
    'memarg-lane',
    'may',
    'v128.load8_lane v128.load16_lane v128.load32_lane v128.load64_lane v128.store8_lane v128.store16_lane v128.store32_lane v128.store64_lane',
  ],
  ['fd5c', 'memarg', 'may', 'v128.load32_zero v128.load64_zero'],
  ['fd5e', 'none', 'never', 'f32x4.demote_f64x2_zero f64x2.promote_low_f32x4'],
  [
    'fd60',
    'none',
    'never',
    'i8x16.abs i8x16.neg i8x16.popcnt i8x16.all_true i8x16.bitmask i8x16.narrow_i16x8_s i8x16.narrow_i16x8_u f32x4.ceil f32x4.floor f32x4.trunc f32x4.nearest i8x16.shl i8x16.shr_s i8x16.shr_u i8x16.add i8x16.add_sat_s',
  ],
  [
    'fd70',
    'none',
    'never',
    'i8x16.add_sat_u i8x16.sub i8x16.sub_sat_s i8x16.sub_sat_u f64x2.ceil f64x2.floor i8x16.min_s i8x16.min_u i8x16.max_s i8x16.max_u f64x2.trunc i8x16.avgr_u i16x8.extadd_pairwise_i8x16_s i16x8.extadd_pairwise_i8x16_u i32x4.extadd_pairwise_i16x8_s i32x4.extadd_pairwise_i16x8_u',
  ],
  [
    'fd80',
    'none',
    'never',
    'i16x8.abs i16x8.neg i16x8.q15mulr_sat_s i16x8.all_true i16x8.bitmask i16x8.narrow_i32x4_s i16x8.narrow_i32x4_u i16x8.extend_low_i8x16_s i16x8.extend_high_i8x16_s i16x8.extend_low_i8x16_u i16x8.extend_high_i8x16_u i16x8.shl i16x8.shr_s i16x8.shr_u i16x8.add i16x8.add_sat_s',
  ],
  [
    'fd90',
    'none',
    'never',
    'i16x8.add_sat_u i16x8.sub i16x8.sub_sat_s i16x8.sub_sat_u f64x2.nearest i16x8.mul i16x8.min_s i16x8.min_u i16x8.max_s i16x8.max_u',
  ],
  [
    'fd9b',
    'none',
    'never',
    'i16x8.avgr_u i16x8.extmul_low_i8x16_s i16x8.extmul_high_i8x16_s i16x8.extmul_low_i8x16_u i16x8.extmul_high_i8x16_u',
  ],
  ['fda0', 'none', 'never', 'i32x4.abs i32x4.neg'],
  ['fda3', 'none', 'never', 'i32x4.all_true i32x4.bitmask'],
  [
    'fda7',
    'none',
    'never',
    'i32x4.extend_low_i16x8_s i32x4.extend_high_i16x8_s i32x4.extend_low_i16x8_u i32x4.extend_high_i16x8_u i32x4.shl i32x4.shr_s i32x4.shr_u i32x4.add',
  ],
  ['fdb1', 'none', 'never', 'i32x4.sub'],
  [
    'fdb5',
    'none',
    'never',
    'i32x4.mul i32x4.min_s i32x4.min_u i32x4.max_s i32x4.max_u i32x4.dot_i16x8_s',
  ],
  [
    'fdbc',
    'none',
    'never',
    'i32x4.extmul_low_i16x8_s i32x4.extmul_high_i16x8_s i32x4.extmul_low_i16x8_u i32x4.extmul_high_i16x8_u',
  ],
  ['fdc0', 'none', 'never', 'i64x2.abs i64x2.neg'],
  ['fdc3', 'none', 'never', 'i64x2.all_true i64x2.bitmask'],
  [
    'fdc7',
    'none',
    'never',
    'i64x2.extend_low_i32x4_s i64x2.extend_high_i32x4_s i64x2.extend_low_i32x4_u i64x2.extend_high_i32x4_u i64x2.shl i64x2.shr_s i64x2.shr_u i64x2.add',
  ],
  ['fdd1', 'none', 'never', 'i64x2.sub'],
  [
    'fdd5',
    'none',
    'never',
    'i64x2.mul i64x2.eq i64x2.ne i64x2.lt_s i64x2.gt_s i64x2.le_s i64x2.ge_s',
  ],
  [
    'fddc',
    'none',
    'never',
    'i64x2.extmul_low_i32x4_s i64x2.extmul_high_i32x4_s i64x2.extmul_low_i32x4_u i64x2.extmul_high_i32x4_u',
  ],
  ['fde0', 'none', 'never', 'f32x4.abs f32x4.neg'],
  [
    'fde3',
    'none',
    'never',
    'f32x4.sqrt f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.min f32x4.max f32x4.pmin f32x4.pmax f64x2.abs f64x2.neg',
  ],
  [
    'fdef',
    'none',
    'never',
    'f64x2.sqrt f64x2.add f64x2.sub f64x2.mul f64x2.div f64x2.min f64x2.max f64x2.pmin f64x2.pmax',
  ],
  [
    'fdf8',
    'none',
    'never',
    'i32x4.trunc_sat_f32x4_s i32x4.trunc_sat_f32x4_u f32x4.convert_i32x4_s f32x4.convert_i32x4_u i32x4.trunc_sat_f64x2_s_zero i32x4.trunc_sat_f64x2_u_zero f64x2.convert_low_i32x4_s f64x2.convert_low_i32x4_u',
  ],
  // Relaxed SIMD
  [
    'fd100',
    'none',
    'never',
    'i8x16.relaxed_swizzle i32x4.relaxed_trunc_f32x4_s i32x4.relaxed_trunc_f32x4_u i32x4.relaxed_trunc_f64x2_s_zero i32x4.relaxed_trunc_f64x2_u_zero',
  ],
  [
    'fd105',
    'none',
    'never',
    'f32x4.relaxed_madd f32x4.relaxed_nmadd f64x2.relaxed_madd f64x2.relaxed_nmadd i8x16.relaxed_laneselect i16x8.relaxed_laneselect i32x4.relaxed_laneselect i64x2.relaxed_laneselect',
  ],
  [
    'fd10d',
    'none',
    'never',
    'f32x4.relaxed_min f32x4.relaxed_max f64x2.relaxed_min f64x2.relaxed_max i16x8.relaxed_q15mulr_s i16x8.relaxed_dot_i8x16_i7x16_s i32x4.relaxed_dot_i8x16_i7x16_add_s',
  ],
  // Atomics
  ['fe00', 'memarg', 'may', 'memory.atomic.notify memory.atomic.wait32 memory.atomic.wait64'],
  ['fe03', 'bytes-1', 'never', 'atomic.fence'],
  [
    'fe10',
    'memarg',
    'may',
    'i32.atomic.load i64.atomic.load i32.atomic.load8_u i32.atomic.load16_u i64.atomic.load8_u i64.atomic.load16_u i64.atomic.load32_u i32.atomic.store i64.atomic.store i32.atomic.store8 i32.atomic.store16 i64.atomic.store8 i64.atomic.store16 i64.atomic.store32',
  ],
  [
    'fe1e',
    'memarg',
    'may',
    'i32.atomic.rmw.add i64.atomic.rmw.add i32.atomic.rmw8.add_u i32.atomic.rmw16.add_u i64.atomic.rmw8.add_u i64.atomic.rmw16.add_u i64.atomic.rmw32.add_u',
  ],
  [
    'fe25',
    'memarg',
    'may',
    'i32.atomic.rmw.sub i64.atomic.rmw.sub i32.atomic.rmw8.sub_u i32.atomic.rmw16.sub_u i64.atomic.rmw8.sub_u i64.atomic.rmw16.sub_u i64.atomic.rmw32.sub_u',
  ],
  [
    'fe2c',
    'memarg',
    'may',
    'i32.atomic.rmw.and i64.atomic.rmw.and i32.atomic.rmw8.and_u i32.atomic.rmw16.and_u i64.atomic.rmw8.and_u i64.atomic.rmw16.and_u i64.atomic.rmw32.and_u',
  ],
  [
    'fe33',
    'memarg',
    'may',
    'i32.atomic.rmw.or i64.atomic.rmw.or i32.atomic.rmw8.or_u i32.atomic.rmw16.or_u i64.atomic.rmw8.or_u i64.atomic.rmw16.or_u i64.atomic.rmw32.or_u',
  ],
  [
    'fe3a',
    'memarg',
    'may',
    'i32.atomic.rmw.xor i64.atomic.rmw.xor i32.atomic.rmw8.xor_u i32.atomic.rmw16.xor_u i64.atomic.rmw8.xor_u i64.atomic.rmw16.xor_u i64.atomic.rmw32.xor_u',
  ],
  [
    'fe41',
    'memarg',
    'may',
    'i32.atomic.rmw.xchg i64.atomic.rmw.xchg i32.atomic.rmw8.xchg_u i32.atomic.rmw16.xchg_u i64.atomic.rmw8.xchg_u i64.atomic.rmw16.xchg_u i64.atomic.rmw32.xchg_u',
  ],
  [
    'fe48',
    'memarg',
    'may',
    'i32.atomic.rmw.cmpxchg i64.atomic.rmw.cmpxchg i32.atomic.rmw8.cmpxchg_u i32.atomic.rmw16.cmpxchg_u i64.atomic.rmw8.cmpxchg_u i64.atomic.rmw16.cmpxchg_u i64.atomic.rmw32.cmpxchg_u',
  ],
];

export const PREFIXES: readonly number[] = [0xfb, 0xfc, 0xfd, 0xfe];

/** Room for 0x200 opcodes each: those without a prefix first, then those of each prefix in turn. */
const PAGE = 0x200;
const SLOTS = PAGE * (PREFIXES.length + 1);

/** Where an opcode stands in {@link KIND_OF}, {@link MAY_TRAP} and {@link NAME_OF}; 0 to 255 are the plain ones. */
export function slotOf(prefix: number, opcode: number): number {
  return opcode < PAGE ? PAGE * (prefix - 0xfa) + opcode : 0x1ff;
}

/** By slot: 1 + the index in {@link IMMEDIATES}; 0 where there is no such instruction. */
export const KIND_OF = new Uint8Array(SLOTS);
/** By slot: 1 where the instruction may trap or leave the function. */
export const MAY_TRAP = new Uint8Array(SLOTS);
export const NAME_OF: (string | undefined)[] = Array.from({ length: SLOTS });
/** Slot by name. */
export const SLOT: ReadonlyMap<string, number> = fill();

function fill(): Map<string, number> {
  const slots = new Map<string, number>();
  for (const [first, immediates, traps, names] of ROWS) {
    const prefix = first.length > 2 ? Number.parseInt(first.slice(0, 2), 16) : 0xfa;
    const opcode = Number.parseInt(first.length > 2 ? first.slice(2) : first, 16);
    let slot = slotOf(prefix, opcode);
    for (const name of names.split(' ')) {
      KIND_OF[slot] = IMMEDIATES.indexOf(immediates) + 1;
      MAY_TRAP[slot] = traps === 'may' ? 1 : 0;
      NAME_OF[slot] = name;
      slots.set(name, slot);
      slot++;
    }
  }
  return slots;
}

/** Names an instruction for a person, known or not. */
export function instructionName(slot: number): string {
  const name = NAME_OF[slot];
  if (name !== undefined) return `the instruction ${name}`;
  const prefix = PREFIXES[Math.floor(slot / PAGE) - 1];
  const opcode = (slot % PAGE).toString(16).padStart(2, '0');
  return `an unknown instruction (0x${prefix?.toString(16) ?? ''}${opcode})`;
}
