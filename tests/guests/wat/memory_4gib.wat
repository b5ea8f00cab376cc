;; Wants 4 GiB of memory at once: every limit but the largest refuses it.
(module
  (memory (export "memory") 65536)
  (func (export "_start") (i32.store (i32.const -4) (i32.const 1))))
