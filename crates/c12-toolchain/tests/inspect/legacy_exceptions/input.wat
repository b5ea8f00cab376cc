;; What C++ compilers wrote before the standard: the tag belongs to these exceptions, not to the standard's.
(module
  (tag $oops (param i32))
  (func (export "f")
    try
      i32.const 1
      throw $oops
    catch $oops
      drop
    end))
