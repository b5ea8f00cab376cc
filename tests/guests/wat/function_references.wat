;; Typed function references: called without a table and without a check of the type.
(module
  (type $unary (func (param i32) (result i32)))
  (func $double (type $unary) (i32.mul (local.get 0) (i32.const 2)))
  (func $square (type $unary) (i32.mul (local.get 0) (local.get 0)))
  (elem declare func $double $square)
  (func $twice (param $f (ref $unary)) (param $x i32) (result i32)
    (call_ref $unary (call_ref $unary (local.get $x) (local.get $f)) (local.get $f)))
  ;; double(double(3)) + square(square(3)) = 12 + 81
  (func (export "run") (result i32)
    (i32.add
      (call $twice (ref.func $double) (i32.const 3))
      (call $twice (ref.func $square) (i32.const 3)))))
