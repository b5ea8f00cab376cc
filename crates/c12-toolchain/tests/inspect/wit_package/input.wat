;; A WIT package in the binary format: `package a:b; interface i { f: func(); }`.
(component
  (type (component
    (type (instance (type (func)) (export "f" (func (type 0)))))
    (export "a:b/i" (instance (type 0)))))
  (export "i" (type 0)))
