;; Writes a line to standard error. Look at Errors.
(module
  (import "cwa" "io_get_stderr" (func $stderr (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "Something is odd.\n")

  (func (export "_start")
    (drop (call $write (call $stderr) (i32.const 0) (i32.const 18)))))
