;; A component that exports a core module: valid, and nothing that WIT can describe.
(component
  (core module $m (func (export "f")))
  (export "module" (core module $m)))
