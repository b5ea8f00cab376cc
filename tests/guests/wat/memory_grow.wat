;; Grows its memory by 1 MiB a time until refused.
(module
  (memory (export "memory") 1)
  ;; How many pages there are in the end.
  (func $grow (export "grow") (result i32)
    (loop $again
      (br_if $again (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
    (memory.size))
  (func (export "_start") (drop (call $grow))))
