;; Writes half a line to a log, then flushes it: the line is complete.
(module
  (import "cwa" "resource_open" (func $open (param i32 i32) (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (import "cwa" "resource_flush" (func $flush (param $fd i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "log://")
  (data (i32.const 16) "no end of line")

  (func (export "_start") (local $fd i32)
    (local.set $fd (call $open (i32.const 0) (i32.const 6)))
    (drop (call $write (local.get $fd) (i32.const 16) (i32.const 14)))
    (drop (call $flush (local.get $fd)))))
