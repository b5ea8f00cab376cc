;; Well-formed text of a module that does not type-check: a number is missing on the stack.
(module
  (func (export "_start") (result i32)))
