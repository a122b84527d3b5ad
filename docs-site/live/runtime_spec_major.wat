;; Writes the major version as a digit.
(module
  (import "cwa" "runtime_spec_major" (func $version (result i32)))
  (import "cwa" "io_get_stdout" (func $stdout (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)

  (func (export "_start")
    ;; 48 is the character 0.
    (i32.store8 (i32.const 0) (i32.add (i32.const 48) (call $version)))
    (drop (call $write (call $stdout) (i32.const 0) (i32.const 1)))))
