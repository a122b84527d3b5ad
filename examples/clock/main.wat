;; Prints the time of day, UTC, as hh:mm:ss. The host returns the seconds since 1970; the rest is division.
(module
  (import "cwa" "time_now" (func $time_now (result i64)))
  (import "cwa" "io_get_stdout" (func $io_get_stdout (result i32)))
  (import "cwa" "resource_write" (func $resource_write (param $fd i32) (param $base i32) (param $length i32) (result i32)))

  (memory (export "memory") 1)
  ;; The digits are written over the zeros.
  (data (i32.const 0) "00:00:00 UTC\n")

  ;; Writes a number from 0 to 99 as two digits at the address.
  (func $put_two_digits (param $at i32) (param $number i32)
    ;; "0" is 48 in ASCII, "1" is 49, and so on.
    (i32.store8 (local.get $at)
      (i32.add (i32.const 48) (i32.div_u (local.get $number) (i32.const 10))))
    (i32.store8 offset=1 (local.get $at)
      (i32.add (i32.const 48) (i32.rem_u (local.get $number) (i32.const 10)))))

  (func $_start (export "_start")
    (local $second_of_day i32)

    ;; A day has 86400 seconds, and Unix time has no leap seconds.
    (local.set $second_of_day
      (i32.wrap_i64 (i64.rem_u (call $time_now) (i64.const 86400))))

    (call $put_two_digits (i32.const 0) ;; hours
      (i32.div_u (local.get $second_of_day) (i32.const 3600)))
    (call $put_two_digits (i32.const 3) ;; minutes
      (i32.rem_u (i32.div_u (local.get $second_of_day) (i32.const 60)) (i32.const 60)))
    (call $put_two_digits (i32.const 6) ;; seconds
      (i32.rem_u (local.get $second_of_day) (i32.const 60)))

    (drop (call $resource_write (call $io_get_stdout) (i32.const 0) (i32.const 13)))))
