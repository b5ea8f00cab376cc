;; A component that exports `wasi:cli/run`, with the interfaces that it imports. `streams` uses a resource of `error`.
(component
  (import "wasi:cli/environment@0.2.3" (instance $environment
    (export "get-environment" (func (result (list (tuple string string)))))
    (export "get-arguments" (func (result (list string))))))
  (import "wasi:io/error@0.2.3" (instance $error
    (export "error" (type $error (sub resource)))
    (export "[method]error.to-debug-string" (func (param "self" (borrow $error)) (result string)))))
  (alias export $error "error" (type $error))
  (import "wasi:io/streams@0.2.3" (instance
    (alias outer 1 $error (type $outer))
    (export "error" (type $error (eq $outer)))
    (type $failure (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $stream-error (eq $failure)))
    (export "output-stream" (type $stream (sub resource)))
    (export "[method]output-stream.flush"
      (func (param "self" (borrow $stream)) (result (result (error $stream-error)))))))
  (core module $main
    (func (export "run") (result i32) (i32.const 0)))
  (core instance $main (instantiate $main))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $exported (export "run" (func $run)))
  (export "wasi:cli/run@0.2.3" (instance $exported))
  (@producers (sdk "c12" "0.3.0")))
