;; Reads up to 64 bytes of standard input and writes them out again.
(module
  (import "cwa" "io_get_stdin" (func $stdin (result i32)))
  (import "cwa" "io_get_stdout" (func $stdout (result i32)))
  (import "cwa" "resource_read" (func $read (param i32 i32 i32) (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)

  (func (export "_start")
    (drop (call $write (call $stdout) (i32.const 0)
      (call $read (call $stdin) (i32.const 0) (i32.const 64))))))
