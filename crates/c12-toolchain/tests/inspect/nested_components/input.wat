;; Sizes are told by the path to the module or component that holds a section.
(component $outer
  (component $middle
    (core module $a (memory 1) (func))
    (component $inner
      (core module $b (func (param i64)) (func)))
    (core module $c (table 3 funcref)))
  (core module $d (func)))
