;; Exceptions, in the form of WebAssembly 3.0 (try_table, throw_ref).
(module
  (tag $error (param i32))
  (tag $other)

  (func $risky (param $n i32) (result i32)
    (if (i32.lt_s (local.get $n) (i32.const 0)) (then (throw $other)))
    (if (i32.gt_s (local.get $n) (i32.const 10)) (then (throw $error (local.get $n))))
    (local.get $n))

  ;; n itself up to 10, 1000 + n above, -1 for anything else that is thrown.
  (func $attempt (export "attempt") (param $n i32) (result i32)
    (block $any
      (block $caught (result i32)
        (try_table (result i32) (catch $error $caught) (catch_all $any)
          (call $risky (local.get $n)))
        (return))
      (return (i32.add (i32.const 1000))))
    (i32.const -1))

  ;; Catches, and throws the same exception on to its caller.
  (func $rethrow (param $n i32) (result i32)
    (block $caught (result exnref)
      (try_table (result i32) (catch_all_ref $caught) (call $risky (local.get $n)))
      (return))
    (throw_ref))

  (func (export "rethrown") (param $n i32) (result i32)
    (block $caught (result i32)
      (try_table (result i32) (catch $error $caught) (call $rethrow (local.get $n)))))

  ;; Nobody catches: the call ends with an error.
  (func (export "uncaught") (result i32) (throw $error (i32.const 5)))

  ;; 3 + 1020 + -1
  (func (export "run") (result i32)
    (i32.add
      (i32.add (call $attempt (i32.const 3)) (call $attempt (i32.const 20)))
      (call $attempt (i32.const -5)))))
