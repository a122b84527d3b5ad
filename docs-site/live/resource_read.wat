;; Reads standard input four bytes at a time and writes each piece on its own line.
(module
  (import "cwa" "io_get_stdin" (func $stdin (result i32)))
  (import "cwa" "io_get_stdout" (func $stdout (result i32)))
  (import "cwa" "resource_read" (func $read (param i32 i32 i32) (result i32)))
  (import "cwa" "resource_write" (func $write (param i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "\n")

  (func (export "_start") (local $in i32) (local $out i32) (local $length i32)
    (local.set $in (call $stdin))
    (local.set $out (call $stdout))
    (loop $more
      (local.set $length (call $read (local.get $in) (i32.const 0) (i32.const 4)))
      ;; At the end, the result is -5, EndOfFile.
      (if (i32.gt_s (local.get $length) (i32.const 0))
        (then
          (drop (call $write (local.get $out) (i32.const 0) (local.get $length)))
          (drop (call $write (local.get $out) (i32.const 16) (i32.const 1)))
          (br $more))))))
