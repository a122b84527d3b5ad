;; Hello, world in WebAssembly's own text format: exactly the instructions that run.
(module
  ;; Two system calls from the module "cwa", the Common WebAssembly API.
  (import "cwa" "io_get_stdout" (func $io_get_stdout (result i32)))
  (import "cwa" "resource_write" (func $resource_write (param $fd i32) (param $base i32) (param $length i32) (result i32)))

  ;; One page of memory (64 KiB). It is exported so that the host can read the text.
  (memory (export "memory") 1)

  ;; The text is at address 16 and is 14 bytes long.
  (data (i32.const 16) "Hello, world!\n")

  ;; The host calls _start once; when it returns, the program has ended with exit status 0.
  (func $_start (export "_start")
    (drop
      (call $resource_write
        (call $io_get_stdout) ;; the descriptor of standard output
        (i32.const 16)        ;; where the bytes begin
        (i32.const 14)))))    ;; how many there are
