;; Writes sixteen letters from a to p, each from four random bits.
(module
  (import "cwa" "random_u64" (func $random (result i64)))
  (import "cwa" "io_get_stdout" (func $stdout (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)

  (func (export "_start") (local $bits i64) (local $at i32)
    (local.set $bits (call $random))
    (loop $next
      (i32.store8 (local.get $at)
        (i32.add (i32.const 97) (i32.and (i32.wrap_i64 (local.get $bits)) (i32.const 15))))
      (local.set $bits (i64.shr_u (local.get $bits) (i64.const 4)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 16))))
    (drop (call $write (call $stdout) (i32.const 0) (i32.const 16)))))
