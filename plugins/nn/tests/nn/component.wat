;; The core of a component that passes on what it is told to. Handles are numbers on its inside, so its exports take and
;; give numbers where its imports take and give resources. Lists and strings stay where they are.
(module
  (import "wasi:nn/graph@0.2.0-rc-2024-10-28" "load"
    (func $load (param i32 i32 i32 i32 i32)))
  (import "wasi:nn/graph@0.2.0-rc-2024-10-28" "load-by-name"
    (func $load_by_name (param i32 i32 i32)))
  (import "wasi:nn/graph@0.2.0-rc-2024-10-28" "[method]graph.init-execution-context"
    (func $context (param i32 i32)))
  (import "wasi:nn/graph@0.2.0-rc-2024-10-28" "[resource-drop]graph"
    (func $drop_graph (param i32)))
  (import "wasi:nn/inference@0.2.0-rc-2024-10-28" "[method]graph-execution-context.compute"
    (func $compute (param i32 i32 i32 i32)))
  (import "wasi:nn/inference@0.2.0-rc-2024-10-28" "[resource-drop]graph-execution-context"
    (func $drop_context (param i32)))
  (import "wasi:nn/tensor@0.2.0-rc-2024-10-28" "[constructor]tensor"
    (func $tensor (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi:nn/tensor@0.2.0-rc-2024-10-28" "[method]tensor.dimensions"
    (func $dimensions (param i32 i32)))
  (import "wasi:nn/tensor@0.2.0-rc-2024-10-28" "[method]tensor.ty"
    (func $ty (param i32) (result i32)))
  (import "wasi:nn/tensor@0.2.0-rc-2024-10-28" "[method]tensor.data"
    (func $data (param i32 i32)))
  (import "wasi:nn/tensor@0.2.0-rc-2024-10-28" "[resource-drop]tensor"
    (func $drop_tensor (param i32)))
  (import "wasi:nn/errors@0.2.0-rc-2024-10-28" "[method]error.code"
    (func $code (param i32) (result i32)))
  (import "wasi:nn/errors@0.2.0-rc-2024-10-28" "[method]error.data"
    (func $message (param i32 i32)))
  (import "c12:nn/graphs@0.1.0" "names"
    (func $names (param i32)))
  (import "c12:nn/graphs@0.1.0" "load-by-name-with-options"
    (func $load_with_options (param i32 i32 i32 i32 i32)))
  (import "c12:nn/graphs@0.1.0" "describe"
    (func $describe (param i32 i32)))
  (import "c12:nn/graphs@0.1.0" "compute-all"
    (func $compute_all (param i32 i32 i32 i32)))
  (import "c12:nn/language@0.1.0" "describe"
    (func $describe_language (param i32 i32)))
  (import "c12:nn/language@0.1.0" "count-tokens"
    (func $count_tokens (param i32 i32 i32 i32)))

  (memory (export "memory") 16)
  (global $next (mut i32) (i32.const 1024))
  ;; Where results of imports and exports go: an alignment of eight, and room for a record.
  (global $imported i32 (i32.const 64))
  (global $exported i32 (i32.const 512))

  ;; Nothing is given back: a call of the test starts anew.
  (func $realloc (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
    (local $place i32)
    (local $end i32)
    (local.set $place
      (i32.and
        (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
    (local.set $end (i32.add (local.get $place) (local.get $size)))
    (if (i32.gt_u (local.get $end) (i32.shl (memory.size) (i32.const 16)))
      (then
        (if (i32.eq
              (memory.grow
                (i32.add
                  (i32.shr_u (i32.sub (local.get $end) (i32.shl (memory.size) (i32.const 16))) (i32.const 16))
                  (i32.const 1)))
              (i32.const -1))
          (then unreachable))))
    (global.set $next (local.get $end))
    (local.get $place))

  (func (export "forget")
    (global.set $next (i32.const 1024)))

  ;; result<number, number>: the case, and the handle behind it, as one number with the case in its upper half.
  (func $outcome (result i64)
    (i64.or
      (i64.shl (i64.extend_i32_u (i32.load8_u (global.get $imported))) (i64.const 32))
      (i64.extend_i32_u (i32.load offset=4 (global.get $imported)))))

  (func (export "load") (param $parts i32) (param $count i32) (param $encoding i32) (param $target i32) (result i64)
    (call $load (local.get $parts) (local.get $count) (local.get $encoding) (local.get $target) (global.get $imported))
    (call $outcome))
  (func (export "load-by-name") (param $name i32) (param $length i32) (result i64)
    (call $load_by_name (local.get $name) (local.get $length) (global.get $imported))
    (call $outcome))
  (func (export "load-with-options") (param $name i32) (param $length i32) (param $options i32) (param $count i32) (result i64)
    (call $load_with_options
      (local.get $name) (local.get $length) (local.get $options) (local.get $count) (global.get $imported))
    (call $outcome))
  (func (export "context") (param $graph i32) (result i64)
    (call $context (local.get $graph) (global.get $imported))
    (call $outcome))
  (func (export "tensor") (param $sizes i32) (param $rank i32) (param $ty i32) (param $data i32) (param $length i32) (result i32)
    (call $tensor (local.get $sizes) (local.get $rank) (local.get $ty) (local.get $data) (local.get $length)))

  ;; The outputs lie behind the case, as a list; an error does so as a handle.
  (func (export "compute") (param $context i32) (param $inputs i32) (param $count i32) (result i64)
    (call $compute (local.get $context) (local.get $inputs) (local.get $count) (global.get $imported))
    (call $outcome))
  (func (export "outputs") (result i32)
    (i32.add (global.get $imported) (i32.const 4)))
  (func (export "compute-all") (param $graph i32) (param $inputs i32) (param $count i32) (result i64)
    (call $compute_all (local.get $graph) (local.get $inputs) (local.get $count) (global.get $imported))
    (call $outcome))
  (func (export "all-outputs") (result i32)
    (i32.add (global.get $imported) (i32.const 4)))

  (func (export "dimensions") (param $tensor i32) (result i32)
    (call $dimensions (local.get $tensor) (global.get $exported))
    (global.get $exported))
  (func (export "ty") (param $tensor i32) (result i32)
    (call $ty (local.get $tensor)))
  (func (export "data") (param $tensor i32) (result i32)
    (call $data (local.get $tensor) (global.get $exported))
    (global.get $exported))
  (func (export "code") (param $error i32) (result i32)
    (call $code (local.get $error)))
  (func (export "message") (param $error i32) (result i32)
    (call $message (local.get $error) (global.get $exported))
    (global.get $exported))
  (func (export "names") (result i32)
    (call $names (global.get $exported))
    (global.get $exported))
  ;; How many inputs, and the rank of the first; then the same of the outputs.
  (func (export "describe") (param $graph i32) (result i32)
    (call $describe (local.get $graph) (global.get $exported))
    (i32.add
      (i32.load offset=4 (global.get $exported))
      (i32.mul (i32.const 100) (i32.load offset=16 (global.get $exported)))))
  (func (export "describe-language") (param $graph i32) (result i64)
    (call $describe_language (local.get $graph) (global.get $imported))
    (call $outcome))
  (func (export "count-tokens") (param $graph i32) (param $text i32) (param $length i32) (result i64)
    (call $count_tokens (local.get $graph) (local.get $text) (local.get $length) (global.get $imported))
    (call $outcome))

  (func (export "drop-graph") (param $handle i32) (call $drop_graph (local.get $handle)))
  (func (export "drop-context") (param $handle i32) (call $drop_context (local.get $handle)))
  (func (export "drop-tensor") (param $handle i32) (call $drop_tensor (local.get $handle))))
