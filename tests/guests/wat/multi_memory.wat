;; Two memories, and a copy from one to the other.
(module
  (memory $a (export "a") 1)
  (memory $b (export "b") 1)
  (data (memory $a) (i32.const 8) "\2a\00\00\00")
  ;; 42, by way of memory b at 100
  (func (export "run") (result i32)
    (memory.copy $b $a (i32.const 100) (i32.const 8) (i32.const 4))
    (i32.load $b (i32.const 100))))
