(module
  (import "wasi_snapshot_preview1" "random_get" (func (param i32 i32) (result i32)))
  (func (export "_initialize"))
  (func (export "next") (result i64 i64) (i64.const 1) (i64.const 2)))
