;; Tail calls: ten million calls deep without a growing stack.
(module
  (type $step (func (param i64) (result i32)))
  (table funcref (elem $even $odd))
  (func $even (type $step)
    (if (i64.eqz (local.get 0)) (then (return (i32.const 1))))
    (return_call $odd (i64.sub (local.get 0) (i64.const 1))))
  (func $odd (type $step)
    (if (i64.eqz (local.get 0)) (then (return (i32.const 0))))
    (return_call_indirect (type $step) (i64.sub (local.get 0) (i64.const 1)) (i32.const 0)))
  ;; 1 if the number is even.
  (func (export "even") (type $step) (return_call $even (local.get 0)))
  (func (export "run") (result i32) (call $even (i64.const 10000000))))
