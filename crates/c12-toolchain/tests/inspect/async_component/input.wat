;; A function of WASI 0.3's kind, with a stream and a future.
(component
  (import "read" (func async (param "n" u32) (result (tuple (stream u8) (future (result (error string)))))))
  (core module $m
    (func (export "run") (result i32) (i32.const 0))
    (func (export "callback") (param i32 i32 i32) (result i32) (i32.const 0)))
  (core instance $i (instantiate $m))
  (core func $return (canon task.return))
  (func (export "run") async (canon lift (core func $i "run") async (callback (func $i "callback")))))
