;; A handler in the text format of WebAssembly. It starts once per request, answers it, and ends.
;; The request's head is in the environment, its body in standard input; standard output is the response (CGI).
(module
  ;; System calls. A text is passed as two numbers: the address of its first byte and its length.
  (import "cwa" "env_get" (func $env_get
    (param $key i32) (param $key_length i32) (param $value i32) (param $room i32) (result i32)))
  (import "cwa" "io_get_stdin" (func $stdin (result i32)))
  (import "cwa" "io_get_stdout" (func $stdout (result i32)))
  (import "cwa" "resource_read" (func $read (param $fd i32) (param $into i32) (param $room i32) (result i32)))
  (import "cwa" "resource_write" (func $write (param $fd i32) (param $base i32) (param $length i32) (result i32)))

  ;; One page of memory (64 KiB). It is exported because the host reads and writes it.
  (memory (export "memory") 1)

  ;; Names of variables, and the parts of the response.
  (data (i32.const 0) "PATH_INFO")
  (data (i32.const 16) "REQUEST_METHOD")
  (data (i32.const 32) "QUERY_STRING")
  (data (i32.const 64) "Status: 200\nContent-Type: text/plain; charset=utf-8\n\nHello, ")
  (data (i32.const 128) "!\n")
  (data (i32.const 144) "world")
  (data (i32.const 160) "Status: 404\nContent-Type: text/plain; charset=utf-8\n\nThere is nothing at ")
  (data (i32.const 240) ".\n")

  ;; Buffers, 1024 bytes each: the path at 1024, the method at 2048, the name at 3072.
  (global $path i32 (i32.const 1024))
  (global $method i32 (i32.const 2048))
  (global $name i32 (i32.const 3072))
  (global $room i32 (i32.const 1024))

  (func $_start (export "_start")
    (local $length i32)
    ;; The path is the part of the URL after the handler name: empty or "/". Any other path is a 404.
    (local.set $length (call $get (i32.const 0) (i32.const 9) (global.get $path)))
    (if (i32.gt_u (local.get $length) (i32.const 1))
      (then
        (call $print (i32.const 160) (i32.const 73))
        (call $print (global.get $path) (local.get $length))
        (call $print (i32.const 240) (i32.const 2))
        (return)))

    ;; POST has the name in its body: read standard input. Four letters "POST" as one number.
    (drop (call $get (i32.const 16) (i32.const 14) (global.get $method)))
    (if (i32.eq (i32.load (global.get $method)) (i32.const 0x54534f50))
      (then
        (call $greet (global.get $name) (call $read_body))
        (return)))

    ;; GET has the name in the query, after the five letters of "name=". It is not decoded.
    (local.set $length (call $get (i32.const 32) (i32.const 12) (global.get $name)))
    (if (i32.and (i32.gt_u (local.get $length) (i32.const 5))
                 (i64.eq (i64.and (i64.load (global.get $name)) (i64.const 0xffffffffff))
                         (i64.const 0x3d656d616e))) ;; "name="
      (then
        (call $greet (i32.add (global.get $name) (i32.const 5))
                     (i32.sub (local.get $length) (i32.const 5)))
        (return)))
    (call $greet (i32.const 144) (i32.const 5)))

  (func $greet (param $base i32) (param $length i32)
    (call $print (i32.const 64) (i32.const 60))
    (call $print (local.get $base) (local.get $length))
    (call $print (i32.const 128) (i32.const 2)))

  ;; Copies the value of a variable into a buffer. Returns its length; 0 if it is not set or does not fit.
  (func $get (param $key i32) (param $key_length i32) (param $value i32) (result i32)
    (local $length i32)
    (local.set $length
      (call $env_get (local.get $key) (local.get $key_length) (local.get $value) (global.get $room)))
    (if (result i32) (i32.le_u (local.get $length) (global.get $room))
      (then (local.get $length))
      (else (i32.const 0))))

  ;; Reads the body into the buffer of the name, at most 1024 bytes. Returns its length.
  (func $read_body (result i32)
    (local $fd i32) (local $length i32) (local $got i32)
    (local.set $fd (call $stdin))
    (loop $more
      (local.set $got
        (call $read (local.get $fd)
          (i32.add (global.get $name) (local.get $length))
          (i32.sub (global.get $room) (local.get $length))))
      ;; A negative number is the end, or an error; 0 means that the buffer is full.
      (if (i32.gt_s (local.get $got) (i32.const 0))
        (then
          (local.set $length (i32.add (local.get $length) (local.get $got)))
          (br $more))))
    (local.get $length))

  (func $print (param $base i32) (param $length i32)
    (drop (call $write (call $stdout) (local.get $base) (local.get $length)))))
