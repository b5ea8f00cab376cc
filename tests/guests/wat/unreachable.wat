;; Traps three calls deep; the functions have names.
(module
  (func $innermost unreachable)
  (func $middle (call $innermost))
  (func (export "_start") (call $middle)))
