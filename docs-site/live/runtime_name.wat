;; Writes the name of the runtime.
(module
  (import "cwa" "runtime_name" (func $name (param $base i32) (param $len i32) (result i32)))
  (import "cwa" "io_get_stdout" (func $stdout (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)

  (func (export "_start")
    (drop (call $write (call $stdout) (i32.const 0)
      (call $name (i32.const 0) (i32.const 32))))))
