;; Imports a function that nobody provides.
(module
  (import "acme_robot" "move_arm" (func $move_arm (param i32 i32) (result i32)))
  (func (export "_start") (drop (call $move_arm (i32.const 1) (i32.const 2)))))
