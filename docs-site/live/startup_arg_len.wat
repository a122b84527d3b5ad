;; The exit status is the number of arguments, the name of the program included.
(module
  (import "cwa" "startup_arg_len" (func $count (result i32)))
  (import "cwa" "runtime_exit" (func $exit (param i32)))
  (memory (export "memory") 1)

  (func (export "_start")
    (call $exit (call $count))))
