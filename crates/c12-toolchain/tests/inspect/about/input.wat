;; What a file says about itself, and where its debug information is.
(module $named
  (@custom "version" "1.2.3")
  (@custom "licenses" "Apache-2.0 WITH LLVM-exception")
  (@custom "description" "adds numbers\1b[31m")
  (@custom "sourceMappingURL" "\07app.map")
  (@custom "external_debug_info" "\0aapp.dbg.wa")
  (@custom "build_id" "\02\ab\cd")
  (@custom ".debug_info" "0123456789")
  (@custom ".debug_line" "01234")
  (@custom "producers" "\01broken")
  (@custom "linking" "\02")
  (func $add (export "add") (result i32) (i32.const 1)))
