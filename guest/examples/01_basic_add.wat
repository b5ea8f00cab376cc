;; The twin of 01_basic_add.rs for what Rust cannot write: a core function with two results.
;;
;;   c12 run --invoke 'div_mod(17, 5)' 01_basic_add.wat
(module
  ;; The sum modulo 2^32.
  (func (export "add") (param $a i32) (param $b i32) (result i32)
    (i32.add (local.get $a) (local.get $b)))

  ;; The quotient, rounded towards zero, and the remainder. A divisor of 0 traps, as the instructions do.
  (func $div_mod (export "div_mod") (param $dividend i32) (param $divisor i32) (result i32 i32)
    (i32.div_s (local.get $dividend) (local.get $divisor))
    (i32.rem_s (local.get $dividend) (local.get $divisor)))

  ;; Multi-value inside a function: `div_mod` leaves two values on the stack, and a block takes both as parameters.
  ;; floor_mod has the sign of the divisor, which is what mathematics means by "modulo".
  (func (export "floor_mod") (param $dividend i32) (param $divisor i32) (result i32)
    (local $remainder i32)
    (call $div_mod (local.get $dividend) (local.get $divisor))
    (block $done (param i32 i32) (result i32)
      (local.set $remainder)
      (drop)
      ;; A remainder of zero, or one with the divisor's sign, is the answer already.
      (br_if $done (local.get $remainder) (i32.eqz (local.get $remainder)))
      (br_if $done (i32.ge_s (i32.xor (local.get $remainder) (local.get $divisor)) (i32.const 0)))
      (i32.add (local.get $divisor))))

  ;; Swaps its parameters: the results are a list, in order.
  (func (export "swap") (param $a i32) (param $b i64) (result i64 i32)
    (local.get $b)
    (local.get $a)))
