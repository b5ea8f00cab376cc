;; Relaxed SIMD: instructions whose result may differ between processors, unless the engine is told to be deterministic.
(module
  ;; Fused or not, 2 * 3 + 4 is 10.
  (func $multiply_add (export "multiply_add") (result f32)
    (f32x4.extract_lane 0
      (f32x4.relaxed_madd
        (f32x4.splat (f32.const 2)) (f32x4.splat (f32.const 3)) (f32x4.splat (f32.const 4)))))

  ;; Where it is not fused the square of 1 + 2^-12 loses its last bit and the result is 0; fused it is 2^-24, which is
  ;; 0x33800000. Deterministic mode: always fused.
  (func (export "is_fused") (result i32)
    (i32.reinterpret_f32
      (f32x4.extract_lane 0
        (f32x4.relaxed_madd
          (f32x4.splat (f32.const 0x1.001p0)) (f32x4.splat (f32.const 0x1.001p0))
          (f32x4.splat (f32.const -0x1.002p0))))))

  ;; An index beyond 15: 0 in deterministic mode, else 0 or a lane.
  (func (export "swizzle_beyond") (result i32)
    (i8x16.extract_lane_u 0
      (i8x16.relaxed_swizzle
        (v128.const i8x16 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9 9)
        (v128.const i8x16 100 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0))))

  (func (export "run") (result i32) (i32.trunc_f32_s (call $multiply_add))))
