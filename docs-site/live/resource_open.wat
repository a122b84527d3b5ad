;; Opens a log with a prefix and writes a line to it. Look at Log.
(module
  (import "cwa" "resource_open" (func $open (param i32 i32) (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "log://?prefix=demo")
  (data (i32.const 32) "Opened by its URL.\n")

  (func (export "_start")
    (drop (call $write (call $open (i32.const 0) (i32.const 18))
      (i32.const 32) (i32.const 19)))))
