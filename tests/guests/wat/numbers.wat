;; Functions of every core number type, for `--invoke` with plain values.
(module
  (func (export "i32") (param i32) (result i32) (local.get 0))
  (func (export "i64") (param i64) (result i64) (local.get 0))
  (func (export "f32") (param f32) (result f32) (local.get 0))
  (func (export "f64") (param f64) (result f64) (local.get 0))
  (func (export "none"))
  (func (export "three") (result i32 i64 f64) (i32.const 1) (i64.const 2) (f64.const 3.5))
  ;; What no command line can write: a reference.
  (func (export "reference") (param externref) (result externref) (local.get 0))
  (func (export "vector") (param v128) (result v128) (local.get 0))
  (global (export "not_a_function") i32 (i32.const 1)))
