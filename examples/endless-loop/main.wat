;; An endless loop. Every instruction costs one unit of gas. At the limit the host stops the program:
;; here after a million, because the policy says `gas-limit 1000000`.
(module
  (memory (export "memory") 1)
  (global $turns (mut i64) (i64.const 0))

  ;; Counts one iteration. It is a function so that the backtrace shows it.
  (func $count_turn
    (global.set $turns (i64.add (global.get $turns) (i64.const 1))))

  (func $spin
    (loop $again
      (call $count_turn)
      (br $again))) ;; always back to $again

  (func $_start (export "_start")
    (call $spin)))
