;; Opens and closes null://. Remove the ;; to close it twice: the guest is stopped.
(module
  (import "cwa" "resource_open" (func $open (param i32 i32) (result i32)))
  (import "cwa" "resource_close" (func $close (param $fd i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "null://")

  (func (export "_start") (local $fd i32)
    (local.set $fd (call $open (i32.const 0) (i32.const 7)))
    ;; (call $close (local.get $fd))
    (call $close (local.get $fd))))
