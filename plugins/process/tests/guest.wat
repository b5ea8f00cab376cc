;; A component that runs programs, in the form that needs no toolchain.
(component
  (import "wasi:io/error@0.2.4" (instance $io-error
    (export "error" (type (sub resource)))))
  (alias export $io-error "error" (type $error))
  (import "wasi:io/poll@0.2.4" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:io/streams@0.2.4" (instance $streams
    (alias outer 1 $error (type $error-outside))
    (export "error" (type $error (eq $error-outside)))
    (export "input-stream" (type $input (sub resource)))
    (export "output-stream" (type $output (sub resource)))
    (type $stream-error-shape (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $stream-error-shape)))
    (export "[method]input-stream.blocking-read"
      (func (param "self" (borrow $input)) (param "len" u64) (result (result (list u8) (error $stream-error)))))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $output)) (param "contents" (list u8)) (result (result (error $stream-error)))))))
  (alias export $streams "input-stream" (type $input))
  (alias export $streams "output-stream" (type $output))
  (import "c12:process/process@0.1.0" (instance $process
    (alias outer 1 $pollable (type $pollable-outside))
    (export "pollable" (type $pollable (eq $pollable-outside)))
    (alias outer 1 $input (type $input-outside))
    (export "input-stream" (type $input (eq $input-outside)))
    (alias outer 1 $output (type $output-outside))
    (export "output-stream" (type $output (eq $output-outside)))
    (type $command-shape (record
      (field "program" string)
      (field "arguments" (list string))
      (field "environment" (list (tuple string string)))
      (field "timeout" (option u64))))
    (export "command" (type $command (eq $command-shape)))
    (type $pipes-shape (flags "stdin" "stdout" "stderr"))
    (export "pipes" (type $pipes (eq $pipes-shape)))
    (type $exit-status-shape (variant (case "code" u32) (case "signal" u32)))
    (export "exit-status" (type $exit-status (eq $exit-status-shape)))
    (type $finished-shape (record
      (field "status" $exit-status)
      (field "stdout" (list u8))
      (field "stderr" (list u8))))
    (export "output" (type $finished (eq $finished-shape)))
    (type $failure-shape (variant
      (case "not-allowed" string) (case "not-found") (case "limit" string) (case "timeout") (case "other" string)))
    (export "error" (type $failure (eq $failure-shape)))
    (export "child" (type $child (sub resource)))
    (export "[method]child.stdin"
      (func (param "self" (borrow $child)) (result (result (own $output) (error $failure)))))
    (export "[method]child.stdout"
      (func (param "self" (borrow $child)) (result (result (own $input) (error $failure)))))
    (export "[method]child.wait"
      (func (param "self" (borrow $child)) (result (result $exit-status (error $failure)))))
    (export "[method]child.subscribe"
      (func (param "self" (borrow $child)) (result (own $pollable))))
    (export "[method]child.kill" (func (param "self" (borrow $child))))
    (export "spawn"
      (func (param "command" $command) (param "pipes" $pipes) (result (result (own $child) (error $failure)))))
    (export "run"
      (func (param "command" $command) (param "stdin" (list u8)) (result (result $finished (error $failure)))))))
  (alias export $process "child" (type $child))

  ;; Memory, and an allocator that never frees.
  (core module $Memory
    (memory (export "memory") 64)
    (global $next (mut i32) (i32.const 65536))
    (data (i32.const 16) "cat")
    (data (i32.const 32) "sleep")
    (data (i32.const 48) "60")
    (data (i32.const 64) "through a pipe")
    ;; The list of one argument: "60".
    (data (i32.const 80) "\30\00\00\00\02\00\00\00")
    (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at
        (i32.and
          (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (memory.copy (local.get $at) (local.get $old) (local.get $old-size))
      (local.get $at)))
  (core instance $memory (instantiate $Memory))
  (alias core export $memory "memory" (core memory $m))
  (alias core export $memory "realloc" (core func $realloc))

  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $read (canon lower (func $streams "[method]input-stream.blocking-read") (memory $m) (realloc $realloc)))
  (core func $write (canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory $m)))
  (core func $stdin (canon lower (func $process "[method]child.stdin") (memory $m) (realloc $realloc)))
  (core func $stdout (canon lower (func $process "[method]child.stdout") (memory $m) (realloc $realloc)))
  (core func $wait (canon lower (func $process "[method]child.wait") (memory $m) (realloc $realloc)))
  (core func $subscribe (canon lower (func $process "[method]child.subscribe")))
  (core func $kill (canon lower (func $process "[method]child.kill")))
  (core func $spawn (canon lower (func $process "spawn") (memory $m) (realloc $realloc)))
  (core func $run (canon lower (func $process "run") (memory $m) (realloc $realloc)))
  (core func $drop-input (canon resource.drop $input))
  (core func $drop-output (canon resource.drop $output))
  (core func $drop-pollable (canon resource.drop $pollable))
  (core func $drop-child (canon resource.drop $child))

  (core module $Guest
    (import "memory" "memory" (memory 1))
    (import "host" "block" (func $block (param i32)))
    (import "host" "read" (func $read (param i32 i64 i32)))
    (import "host" "write" (func $write (param i32 i32 i32 i32)))
    (import "host" "stdin" (func $stdin (param i32 i32)))
    (import "host" "stdout" (func $stdout (param i32 i32)))
    (import "host" "wait" (func $wait (param i32 i32)))
    (import "host" "subscribe" (func $subscribe (param i32) (result i32)))
    (import "host" "kill" (func $kill (param i32)))
    (import "host" "spawn" (func $spawn (param i32 i32 i32 i32 i32 i32 i32 i64 i32 i32)))
    (import "host" "run" (func $run (param i32 i32 i32 i32 i32 i32 i32 i64 i32 i32 i32)))
    (import "host" "drop-input" (func $drop-input (param i32)))
    (import "host" "drop-output" (func $drop-output (param i32)))
    (import "host" "drop-pollable" (func $drop-pollable (param i32)))
    (import "host" "drop-child" (func $drop-child (param i32)))

    ;; Results are written to 1024, the string that is returned to 2048.
    (func $text (param $at i32) (param $length i32) (result i32)
      (i32.store (i32.const 2048) (local.get $at))
      (i32.store (i32.const 2052) (local.get $length))
      (i32.const 2048))
    ;; Traps on an error.
    (func $expect
      (if (i32.load8_u (i32.const 1024)) (then (unreachable))))
    ;; The text of an error, or nothing for one that has none.
    (func $error (result i32)
      (local $case i32)
      (local.set $case (i32.load8_u (i32.const 1028)))
      (if (i32.and (local.get $case) (i32.const 1)) (then (return (call $text (i32.const 0) (i32.const 0)))))
      (call $text (i32.load (i32.const 1032)) (i32.load (i32.const 1036))))

    ;; Runs a program with one argument and an environment of one variable.
    (func (export "output")
      (param $program i32) (param $program-length i32)
      (param $argument i32) (param $argument-length i32)
      (param $name i32) (param $name-length i32)
      (param $value i32) (param $value-length i32)
      (param $input i32) (param $input-length i32)
      (result i32)
      (i32.store (i32.const 3072) (local.get $argument))
      (i32.store (i32.const 3076) (local.get $argument-length))
      (i32.store (i32.const 3080) (local.get $name))
      (i32.store (i32.const 3084) (local.get $name-length))
      (i32.store (i32.const 3088) (local.get $value))
      (i32.store (i32.const 3092) (local.get $value-length))
      (call $run
        (local.get $program) (local.get $program-length)
        (i32.const 3072) (i32.ne (local.get $argument-length) (i32.const 0))
        (i32.const 3080) (i32.ne (local.get $name-length) (i32.const 0))
        (i32.const 1) (i64.const 5000)
        (local.get $input) (local.get $input-length)
        (i32.const 1024))
      (if (i32.load8_u (i32.const 1024)) (then (return (call $error))))
      (call $text (i32.load (i32.const 1036)) (i32.load (i32.const 1040))))

    ;; Sends text through `cat` and returns what comes back.
    (func (export "pipe") (result i32)
      (local $child i32) (local $input i32) (local $output i32) (local $ended i32) (local $at i32) (local $length i32)
      (call $spawn
        (i32.const 16) (i32.const 3)
        (i32.const 0) (i32.const 0)
        (i32.const 0) (i32.const 0)
        (i32.const 0) (i64.const 0)
        (i32.const 3)
        (i32.const 1024))
      (call $expect)
      (local.set $child (i32.load (i32.const 1028)))
      (call $stdin (local.get $child) (i32.const 1024))
      (call $expect)
      (local.set $input (i32.load (i32.const 1028)))
      (call $stdout (local.get $child) (i32.const 1024))
      (call $expect)
      (local.set $output (i32.load (i32.const 1028)))
      ;; It can be taken once.
      (call $stdout (local.get $child) (i32.const 1024))
      (if (i32.eqz (i32.load8_u (i32.const 1024))) (then (unreachable)))
      (call $write (local.get $input) (i32.const 64) (i32.const 14) (i32.const 1024))
      (call $expect)
      (call $drop-output (local.get $input))
      (call $read (local.get $output) (i64.const 100) (i32.const 1024))
      (call $expect)
      (local.set $at (i32.load (i32.const 1028)))
      (local.set $length (i32.load (i32.const 1032)))
      ;; Then the stream is at its end.
      (call $read (local.get $output) (i64.const 100) (i32.const 1024))
      (if (i32.ne (i32.load8_u (i32.const 1028)) (i32.const 1)) (then (unreachable)))
      (local.set $ended (call $subscribe (local.get $child)))
      (call $block (local.get $ended))
      (call $wait (local.get $child) (i32.const 1024))
      (call $expect)
      (if (i32.load (i32.const 1032)) (then (unreachable)))
      ;; In an order in which a pollable outlives what it is about.
      (call $drop-child (local.get $child))
      (call $drop-pollable (local.get $ended))
      (call $drop-input (local.get $output))
      (call $text (local.get $at) (local.get $length)))

    (func $start-sleep (result i32)
      (call $spawn
        (i32.const 32) (i32.const 5)
        (i32.const 80) (i32.const 1)
        (i32.const 0) (i32.const 0)
        (i32.const 0) (i64.const 0)
        (i32.const 0)
        (i32.const 1024))
      (call $expect)
      (i32.load (i32.const 1028)))

    ;; Returns the signal that ended a program, or 1000 more than the code.
    (func (export "kill") (result i32)
      (local $child i32)
      (local.set $child (call $start-sleep))
      (call $kill (local.get $child))
      (call $wait (local.get $child) (i32.const 1024))
      (call $expect)
      (call $drop-child (local.get $child))
      (if (i32.load8_u (i32.const 1028)) (then (return (i32.load (i32.const 1032)))))
      (i32.add (i32.const 1000) (i32.load (i32.const 1032))))

    ;; Starts programs until it fails, and returns the text of the error.
    (func (export "many") (result i32)
      (loop $again
        (call $spawn
          (i32.const 32) (i32.const 5)
          (i32.const 80) (i32.const 1)
          (i32.const 0) (i32.const 0)
          (i32.const 0) (i64.const 0)
          (i32.const 0)
          (i32.const 1024))
        (br_if $again (i32.eqz (i32.load8_u (i32.const 1024)))))
      (call $error))

    ;; Waits for a program that was dropped.
    (func (export "stale")
      (local $child i32)
      (local.set $child (call $start-sleep))
      (call $drop-child (local.get $child))
      (call $wait (local.get $child) (i32.const 1024))))

  (core instance $guest (instantiate $Guest
    (with "memory" (instance $memory))
    (with "host" (instance
      (export "block" (func $block))
      (export "read" (func $read))
      (export "write" (func $write))
      (export "stdin" (func $stdin))
      (export "stdout" (func $stdout))
      (export "wait" (func $wait))
      (export "subscribe" (func $subscribe))
      (export "kill" (func $kill))
      (export "spawn" (func $spawn))
      (export "run" (func $run))
      (export "drop-input" (func $drop-input))
      (export "drop-output" (func $drop-output))
      (export "drop-pollable" (func $drop-pollable))
      (export "drop-child" (func $drop-child))))))

  (func (export "output")
    (param "program" string) (param "argument" string)
    (param "name" string) (param "value" string)
    (param "input" string) (result string)
    (canon lift (core func $guest "output") (memory $m) (realloc $realloc)))
  (func (export "pipe") (result string) (canon lift (core func $guest "pipe") (memory $m)))
  (func (export "kill") (result u32) (canon lift (core func $guest "kill")))
  (func (export "many") (result string) (canon lift (core func $guest "many") (memory $m)))
  (func (export "stale") (canon lift (core func $guest "stale"))))
