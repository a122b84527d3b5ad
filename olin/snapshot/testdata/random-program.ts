/** Random programs for the test of snapshots, in WebAssembly text. */

/** One program twice: with its first half as a hook, and as a whole that runs both halves. */
export interface RandomProgram {
  readonly withHook: string;
  readonly together: string;
}

const GLOBALS = ['i32', 'i64', 'f32', 'f64'] as const;
/** Addresses that the steps write to: within the first page, and at the end of the last. */
const PAGES = 3;

export function randomProgram(seed: number): RandomProgram {
  const next = xorshift(seed);
  const steps = (count: number): string =>
    Array.from({ length: count }, () => randomStep(next)).join('\n    ');
  const hasStart = next(2) === 0;
  const common = `(import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (import "cwa" "io_get_stdout" (func $stdout (result i32)))
  (memory ${PAGES})
  (data (i32.const ${next(60_000)}) "first") (data (i32.const ${next(60_000)}) "second")
  ${GLOBALS.map((type) => `(global $${type} (mut ${type}) (${type}.const ${next(1000)}))`).join(' ')}
  (global $fixed i32 (i32.const 7))
  (func $begin ${hasStart ? steps(3) : ''}) ${hasStart ? '(start $begin)' : ''}
  (func $first ${steps(6)})
  (func $second ${steps(6)}
    (i32.store (i32.const 65000) (global.get $i32)) (i64.store (i32.const 65008) (global.get $i64))
    (f32.store (i32.const 65016) (global.get $f32)) (f64.store (i32.const 65024) (global.get $f64))
    (i32.store (i32.const 65032) (memory.size))
    (drop (call $write (call $stdout) (i32.const 0) (i32.mul (memory.size) (i32.const 65536)))))`;
  return {
    withHook: `(module ${common}
  (export "trisiel_initialize" (func $first)) (export "_start" (func $second)))`,
    together: `(module ${common} (func (export "_start") (call $first) (call $second)))`,
  };
}

function randomStep(next: (below: number) => number): string {
  const address = next(2) === 0 ? next(60_000) : 65_536 * PAGES - 16 - next(2000);
  switch (next(8)) {
    case 0:
      return `(i32.store (i32.const ${address}) (i32.const ${next(2 ** 31)}))`;
    case 1:
      return `(i64.store (i32.const ${address}) (global.get $i64))`;
    case 2:
      return `(global.set $i32 (i32.sub (i32.mul (global.get $i32) (i32.const -${next(100_000)})) (i32.const ${next(9)})))`;
    case 3:
      return `(global.set $i64 (i64.mul (i64.add (global.get $i64) (i64.const ${next(1000)})) (i64.const -6364136223846793005)))`;
    case 4:
      return `(global.set $f32 (f32.div (global.get $f32) (f32.const -${next(10)}.5)))`;
    case 5:
      return `(global.set $f64 (f64.div (global.get $f64) (f64.const ${next(3)}.0)))`;
    case 6:
      return `(memory.fill (i32.const ${address}) (i32.const ${next(3)}) (i32.const ${next(64)}))`;
    default:
      return next(3) === 0 ? '(drop (memory.grow (i32.const 1)))' : '(drop (global.get $fixed))';
  }
}

/** Whole numbers below a bound, the same for a seed. */
function xorshift(seed: number): (below: number) => number {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
