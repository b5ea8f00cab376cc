;; Garbage collection: structs, arrays, i31 and casts. A linked list is built and summed; far more is allocated than
;; is kept, so a collector has to run.
(module
  (type $node (struct (field $value i32) (field $next (ref null $node))))
  (type $bytes (array (mut i8)))

  ;; The sum of a list of 1 to n.
  (func $sum (export "sum") (param $n i32) (result i32)
    (local $list (ref null $node)) (local $total i32)
    (loop $build
      (if (local.get $n)
        (then
          (local.set $list (struct.new $node (local.get $n) (local.get $list)))
          (local.set $n (i32.sub (local.get $n) (i32.const 1)))
          (br $build))))
    (loop $add
      (if (i32.eqz (ref.is_null (local.get $list)))
        (then
          (local.set $total (i32.add (local.get $total) (struct.get $node $value (local.get $list))))
          (local.set $list (struct.get $node $next (local.get $list)))
          (br $add))))
    (local.get $total))

  ;; Allocates n arrays of 64 KiB, keeping none of them: 64 MiB for n = 1024.
  (func $litter (export "litter") (param $n i32) (result i32)
    (local $last (ref null $bytes))
    (loop $again
      (local.set $last (array.new $bytes (i32.const 7) (i32.const 65536)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (i32.gt_s (local.get $n) (i32.const 0))))
    (array.get_u $bytes (local.get $last) (i32.const 65535)))

  ;; A cast that fails traps.
  (func (export "bad_cast") (result i32)
    (struct.get $node $value (ref.cast (ref $node) (ref.i31 (i32.const 1)))))

  ;; 5050 + 7 + 42
  (func (export "run") (result i32)
    (i32.add
      (i32.add (call $sum (i32.const 100)) (call $litter (i32.const 1024)))
      (i31.get_s (ref.i31 (i32.const 42))))))
