;; Calls itself until the stack ends.
(module
  (func $descend (export "_start") (call $descend)))
