;; A component that imports an interface nobody provides.
(component
  (import "acme:robot/arm@2.1.0" (instance $arm
    (export "move" (func (param "x" s32) (result s32)))))
  (alias export $arm "move" (func $move))
  (core func $lowered (canon lower (func $move)))
  (core module $m
    (import "arm" "move" (func $move (param i32) (result i32)))
    (func (export "go") (result i32) (call $move (i32.const 1))))
  (core instance $i (instantiate $m (with "arm" (instance (export "move" (func $lowered))))))
  (func (export "go") (result s32) (canon lift (core func $i "go"))))
