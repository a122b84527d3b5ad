;; Ends with exit status 42. Code after the call never runs.
(module
  (import "cwa" "runtime_exit" (func $exit (param $status i32)))
  (memory (export "memory") 1)

  (func (export "_start")
    (call $exit (i32.const 42))
    (unreachable)))
