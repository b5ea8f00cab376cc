;; No text format at all from line 4 on.
(module
  (func (export "_start")
    (i32.konst 1)))
