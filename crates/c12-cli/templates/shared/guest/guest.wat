;; Calls the plugin and prints what it answers. c12 runs this file as it is.
(module
  ;; greet: func(name: string) -> string
  ;; A string is two numbers: its address and its length. The third number says where to write those of the answer.
  (import "example:{{name}}/greeter@0.1.0" "greet" (func $greet (param i32 i32 i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))

  (memory (export "memory") 1)
  (data (i32.const 0) "World\n")
  (data (i32.const 24) "\05\00\00\00\01\00\00\00")

  ;; c12 asks here for room for the answer. Each time it gets what follows the last; nothing is given back.
  (global $free (mut i32) (i32.const 64))
  (func (export "cabi_realloc")
    (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (global.get $free)
    (global.set $free (i32.add (global.get $free) (local.get $size))))

  (func (export "_start")
    (call $greet (i32.const 0) (i32.const 5) (i32.const 16))
    ;; At 16 are now the address and the length of the answer, which is just what `fd_write` wants. At 24 are those
    ;; of the end of the line.
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32)))
    (drop (call $fd_write (i32.const 1) (i32.const 24) (i32.const 1) (i32.const 32)))))
