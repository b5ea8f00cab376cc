;; A component in the text format: a core module, lifted by hand.
(component
  (core module $numbers
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 1024))
    ;; Gives out memory and never takes it back: enough for a test.
    (func $realloc (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at
        (i32.and
          (i32.add (global.get $free) (i32.sub (local.get 2) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get 2))))
      (global.set $free (i32.add (local.get $at) (local.get 3)))
      (local.get $at))
    (data (i32.const 16) "hello, ")
    ;; "hello, " and the name; the result's address and length are stored at 8.
    (func (export "greet") (param $name i32) (param $length i32) (result i32)
      (local $text i32)
      (local.set $text
        (call $realloc (i32.const 0) (i32.const 0) (i32.const 1) (i32.add (local.get $length) (i32.const 7))))
      (memory.copy (local.get $text) (i32.const 16) (i32.const 7))
      (memory.copy (i32.add (local.get $text) (i32.const 7)) (local.get $name) (local.get $length))
      (i32.store (i32.const 8) (local.get $text))
      (i32.store (i32.const 12) (i32.add (local.get $length) (i32.const 7)))
      (i32.const 8)))
  (core instance $n (instantiate $numbers))
  (func (export "add") (param "a" s32) (param "b" s32) (result s32)
    (canon lift (core func $n "add")))
  (func (export "greet") (param "name" string) (result string)
    (canon lift (core func $n "greet") (memory $n "memory") (realloc (func $n "realloc")))))
