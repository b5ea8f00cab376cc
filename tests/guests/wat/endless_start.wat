;; Never ends, already while it is instantiated.
(module
  (func $start (loop $again (br $again)))
  (start $start)
  (func (export "_start")))
