;; A memory and a table with 64-bit addresses.
(module
  (memory (export "memory") i64 1 4)
  (table i64 2 funcref)
  (elem (table 0) (i64.const 1) func $seven)
  (type $number (func (result i32)))
  (func $seven (type $number) (i32.const 7))

  ;; Reads far beyond 4 GiB: traps, and must not be cut to 32 bits.
  (func (export "far") (result i32) (i32.load (i64.const 0x100000000)))

  ;; 35 + 7; the table's index is 64 bits wide as well.
  (func (export "run") (result i32)
    (i32.store (i64.const 65532) (i32.const 35))
    (i32.add
      (i32.load (i64.const 65532))
      (call_indirect (type $number) (i64.const 1))))

  ;; The size before: 1. A refused growth gives -1.
  (func (export "grow") (param $pages i64) (result i64) (memory.grow (local.get $pages))))
