;; Writes two lines. The result, the number of bytes written, is ignored.
(module
  (import "cwa" "io_get_stdout" (func $stdout (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "One line.\nAnother line.\n")

  (func (export "_start")
    (drop (call $write (call $stdout) (i32.const 0) (i32.const 10)))
    (drop (call $write (call $stdout) (i32.const 10) (i32.const 14)))))
