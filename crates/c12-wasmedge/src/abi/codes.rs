//! Result codes.

use wasmtime::Trap;

use super::Code;

impl Code {
    pub(crate) const SUCCESS: Code = Code(0x00);
    /// The guest ended itself; counts as success.
    pub(crate) const TERMINATED: Code = Code(0x01);
    pub(crate) const RUNTIME_ERROR: Code = Code(0x02);
    pub(crate) const COST_LIMIT: Code = Code(0x03);
    /// What functions answer when an argument is missing, or when they cannot be called now.
    pub(crate) const WRONG_WORKFLOW: Code = Code(0x04);
    pub(crate) const INTERRUPTED: Code = Code(0x07);
    pub(crate) const NON_NULL_REQUIRED: Code = Code(0x09);
    pub(crate) const SET_CONSTANT: Code = Code(0x0A);
    pub(crate) const SET_WRONG_TYPE: Code = Code(0x0B);
    pub(crate) const SIGNATURE_MISMATCH: Code = Code(0x403);
    pub(crate) const TABLE_BOUNDS: Code = Code(0x407);
    pub(crate) const MEMORY_BOUNDS: Code = Code(0x408);
    pub(crate) const REFERENCE_TYPE: Code = Code(0x40F);

    /// From a category and a code of 24 bits.
    pub(crate) fn new(category: u32, code: u32) -> Code {
        Code((category << 24) | (code & 0xFF_FFFF))
    }

    /// 0 for codes of WasmEdge's own; others are the plugin's.
    pub(crate) fn category(self) -> u32 {
        self.0 >> 24
    }

    /// Without the category.
    pub(crate) fn code(self) -> u32 {
        self.0 & 0xFF_FFFF
    }

    /// Whether it counts as success: 0, or 1 for a guest that ended itself.
    pub(crate) fn is_ok(self) -> bool {
        self.0 <= Code::TERMINATED.0
    }

    /// What it means. Of WasmEdge's own codes those that occur while code runs are known: the others are numbered
    /// differently from version to version.
    pub(crate) fn message(self) -> &'static std::ffi::CStr {
        if self.category() != 0 {
            return c"user defined error code";
        }
        match self.0 {
            0x00 => c"success",
            0x01 => c"terminated",
            0x02 => c"generic runtime error",
            0x03 => c"cost limit exceeded",
            0x04 => c"wrong VM workflow",
            0x05 => c"wasm function not found",
            0x06 => c"AOT runtime is disabled in this build",
            0x07 => c"execution interrupted",
            0x08 => c"wasm module hasn't passed validation yet",
            0x09 => c"set null value into non-nullable value type",
            0x0A => c"set value into const",
            0x0B => c"set value type mismatch",
            0x0C => c"user defined error code",
            0x100 => c"invalid path",
            0x300 => c"module name conflict",
            0x301 => c"incompatible import type",
            0x302 => c"unknown import",
            0x403 => c"function signature mismatch",
            0x404 => c"integer divide by zero",
            0x405 => c"integer overflow",
            0x406 => c"invalid conversion to integer",
            0x407 => c"out of bounds table access",
            0x408 => c"out of bounds memory access",
            0x409 => c"out of bounds array access",
            0x40A => c"unreachable",
            0x40B => c"uninitialized element",
            0x40C => c"undefined element",
            0x40D => c"indirect call type mismatch",
            0x40E => c"host function failed",
            0x40F => c"reference type mismatch",
            0x410 => c"unaligned atomic",
            0x411 => c"expected shared memory",
            0x412 => c"null reference",
            0x413 => c"null function reference",
            0x414 => c"null structure reference",
            0x415 => c"null array reference",
            0x416 => c"null i31 reference",
            0x417 => c"null exception reference",
            0x418 => c"cast failure",
            0x419 => c"uncaught exception",
            _ => c"unknown error code",
        }
    }

    /// How a plugin sees that a function of the guest trapped.
    pub(crate) fn of_trap(trap: Trap) -> Code {
        Code(match trap {
            Trap::UnreachableCodeReached => 0x40A,
            Trap::MemoryOutOfBounds => 0x408,
            Trap::TableOutOfBounds => 0x407,
            Trap::IndirectCallToNull => 0x40B,
            Trap::BadSignature => 0x40D,
            Trap::IntegerDivisionByZero => 0x404,
            Trap::IntegerOverflow => 0x405,
            Trap::BadConversionToInteger => 0x406,
            Trap::HeapMisaligned => 0x410,
            Trap::AtomicWaitNonSharedMemory => 0x411,
            Trap::NullReference => 0x412,
            Trap::CastFailure => 0x418,
            Trap::ArrayOutOfBounds => 0x409,
            Trap::OutOfFuel => return Code::COST_LIMIT,
            Trap::Interrupt => return Code::INTERRUPTED,
            _ => return Code::RUNTIME_ERROR,
        })
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.category() == 0 {
            let message = self.message().to_str().unwrap_or_default();
            write!(f, "{message} (code {:#x})", self.code())
        } else {
            write!(
                f,
                "error {:#x} of its own, category {}",
                self.code(),
                self.category()
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_made_of_two_parts() {
        let code = Code::new(1, 0x0100_0005);
        assert_eq!((code.category(), code.code()), (1, 5));
        assert!(!Code::new(1, 0).is_ok() && Code::TERMINATED.is_ok());
    }

    #[test]
    fn codes_are_told_in_words() {
        assert_eq!(Code(0x40E).to_string(), "host function failed (code 0x40e)");
        assert_eq!(
            Code::new(1, 5).to_string(),
            "error 0x5 of its own, category 1"
        );
        assert_eq!(Code(0x700).to_string(), "unknown error code (code 0x700)");
    }
}
