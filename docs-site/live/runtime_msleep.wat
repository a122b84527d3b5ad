;; Writes three dots, half a second apart. The page and other guests continue meanwhile.
(module
  (import "cwa" "runtime_msleep" (func $sleep (param $ms i32)))
  (import "cwa" "io_get_stdout" (func $stdout (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) ".")

  (func (export "_start") (local $left i32)
    (local.set $left (i32.const 3))
    (loop $again
      (drop (call $write (call $stdout) (i32.const 0) (i32.const 1)))
      (call $sleep (i32.const 500))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $again (local.get $left)))))
