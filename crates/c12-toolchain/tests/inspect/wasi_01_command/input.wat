;; A program as a compiler for WASI 0.1 writes it.
(module $hello
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (import "env" "log" (func (param externref)))
  (memory (export "memory") 2 16)
  (table 1 4 funcref)
  (global $stack (mut i32) (i32.const 65536))
  (data (i32.const 8) "hello\n")
  (elem (i32.const 0) func $start)
  (func $init)
  (func $start (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 4)))
    (memory.fill (i32.const 0) (i32.const 0) (i32.const 4)))
  (start $init)
  (@producers
    (language "Rust" "2024")
    (processed-by "rustc" "1.95.0"))
)
