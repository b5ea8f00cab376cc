;; Arithmetic in constant expressions: of globals, and of where data go.
(module
  (global $base i32 (i32.const 1000))
  (global $answer i32 (i32.add (i32.mul (i32.const 6) (i32.const 8)) (i32.const -6)))
  (memory 1)
  (data (offset (i32.add (global.get $base) (i32.const 24))) "\64")
  ;; 42 + 100
  (func (export "run") (result i32)
    (i32.add (global.get $answer) (i32.load8_u (i32.const 1024)))))
