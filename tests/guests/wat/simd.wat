;; Fixed-width SIMD of WebAssembly 2.0: the dot product of two vectors of 16-bit numbers.
(module
  ;; 1*8 + 2*7 + 3*6 + 4*5 + 5*4 + 6*3 + 7*2 + 8*1 = 120
  (func (export "run") (result i32)
    (local $sums v128)
    (local.set $sums
      (i32x4.dot_i16x8_s
        (v128.const i16x8 1 2 3 4 5 6 7 8)
        (v128.const i16x8 8 7 6 5 4 3 2 1)))
    (i32.add
      (i32.add (i32x4.extract_lane 0 (local.get $sums)) (i32x4.extract_lane 1 (local.get $sums)))
      (i32.add (i32x4.extract_lane 2 (local.get $sums)) (i32x4.extract_lane 3 (local.get $sums))))))
