;; Flips a coin: a random number is negative half of the time.
(module
  (import "cwa" "random_i32" (func $random (result i32)))
  (import "cwa" "io_get_stdout" (func $stdout (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "heads\ntails\n")

  (func (export "_start")
    (drop (call $write (call $stdout)
      (select (i32.const 0) (i32.const 6) (i32.lt_s (call $random) (i32.const 0)))
      (i32.const 6)))))
