;; Writes three log lines with different levels.
(module
  (import "cwa" "log_write" (func $log (param $level i32) (param $base i32) (param $len i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "disk is full")
  (data (i32.const 16) "disk is slow")
  (data (i32.const 32) "disk is fine")

  (func (export "_start")
    ;; 1 is an error, 3 a warning, 6 information.
    (call $log (i32.const 1) (i32.const 0) (i32.const 12))
    (call $log (i32.const 3) (i32.const 16) (i32.const 12))
    (call $log (i32.const 6) (i32.const 32) (i32.const 12))))
