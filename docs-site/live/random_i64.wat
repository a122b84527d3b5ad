;; Writes up or down, by the sign of a random 64-bit number.
(module
  (import "cwa" "random_i64" (func $random (result i64)))
  (import "cwa" "io_get_stdout" (func $stdout (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "down\nup\n")

  (func (export "_start")
    (if (i64.lt_s (call $random) (i64.const 0))
      (then (drop (call $write (call $stdout) (i32.const 0) (i32.const 5))))
      (else (drop (call $write (call $stdout) (i32.const 5) (i32.const 3)))))))
