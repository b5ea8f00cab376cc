;; Wants a table of ten million elements at once, and can grow it without end.
(module
  (table $t (export "table") 10000000 funcref)
  (func (export "_start") (drop (table.size $t)))
  ;; How many elements there are when growing is refused.
  (func (export "grow") (result i32)
    (loop $again
      (br_if $again (i32.ne (table.grow $t (ref.null func) (i32.const 1000000)) (i32.const -1))))
    (table.size $t)))
