;; A reactor: `_initialize` must run once, before anything else.
(module
  (global $ready (mut i32) (i32.const 0))
  (func (export "_initialize") (global.set $ready (i32.add (global.get $ready) (i32.const 1))))
  ;; How often `_initialize` ran: 1.
  (func (export "initialized") (result i32) (global.get $ready)))
