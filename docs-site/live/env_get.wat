;; Writes the value of NAME. Change it under Input, Environment.
(module
  (import "cwa" "env_get" (func $env_get (param i32 i32 i32 i32) (result i32)))
  (import "cwa" "io_get_stdout" (func $stdout (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "NAME")

  (func (export "_start")
    ;; The value goes to address 16; there is room for 64 bytes. The result is its length.
    (drop (call $write (call $stdout) (i32.const 16)
      (call $env_get (i32.const 0) (i32.const 4) (i32.const 16) (i32.const 64))))))
