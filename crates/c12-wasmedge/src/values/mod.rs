//! Value types and values.

pub(crate) mod api;
pub(crate) mod convert;

use crate::abi::ValType;

/// Codes of value types and heap types, as in WebAssembly's binary format.
mod code {
    pub(super) const I32: u8 = 0x7F;
    pub(super) const I64: u8 = 0x7E;
    pub(super) const F32: u8 = 0x7D;
    pub(super) const F64: u8 = 0x7C;
    pub(super) const V128: u8 = 0x7B;
    pub(super) const NO_FUNC: u8 = 0x73;
    pub(super) const NO_EXTERN: u8 = 0x72;
    pub(super) const NONE: u8 = 0x71;
    pub(super) const FUNC: u8 = 0x70;
    pub(super) const EXTERN: u8 = 0x6F;
    pub(super) const ANY: u8 = 0x6E;
    pub(super) const EQ: u8 = 0x6D;
    pub(super) const I31: u8 = 0x6C;
    pub(super) const STRUCT: u8 = 0x6B;
    pub(super) const ARRAY: u8 = 0x6A;
    pub(super) const EXN: u8 = 0x69;
    pub(super) const REF: u8 = 0x64;
    pub(super) const REF_NULL: u8 = 0x63;
    /// In numbers' types, where no heap type belongs.
    pub(super) const EPSILON: u8 = 0x40;
    /// A type defined by the module, which the index names.
    pub(super) const DEFINED: u8 = 0x00;
}

/// A type as far as it concerns how values cross the boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    I32,
    I64,
    F32,
    F64,
    V128,
    /// A reference to a function.
    Function,
    /// A pointer that the guest cannot look into.
    Extern,
}

impl ValType {
    pub(crate) const I32: ValType = ValType::number(code::I32);
    pub(crate) const I64: ValType = ValType::number(code::I64);
    pub(crate) const F32: ValType = ValType::number(code::F32);
    pub(crate) const F64: ValType = ValType::number(code::F64);
    pub(crate) const V128: ValType = ValType::number(code::V128);
    pub(crate) const FUNC_REF: ValType = ValType::nullable(code::FUNC);
    pub(crate) const EXTERN_REF: ValType = ValType::nullable(code::EXTERN);

    const fn number(code: u8) -> ValType {
        ValType([0, 0, code, code::EPSILON, 0, 0, 0, 0])
    }

    const fn nullable(heap: u8) -> ValType {
        ValType([0, 0, code::REF_NULL, heap, 0, 0, 0, 0])
    }

    fn code(self) -> u8 {
        self.0[2]
    }

    fn heap(self) -> u8 {
        self.0[3]
    }

    fn externalised(self) -> bool {
        self.0[1] != 0
    }

    /// Whether it is a reference type, nullable or not.
    pub(crate) fn is_reference(self) -> bool {
        matches!(self.code(), code::REF | code::REF_NULL)
    }

    /// Whether it is a nullable reference type.
    pub(crate) fn is_nullable(self) -> bool {
        self.code() == code::REF_NULL
    }

    /// Whether its heap type is one of functions. The type's code is not looked at, as in WasmEdge.
    pub(crate) fn is_function(self) -> bool {
        matches!(self.heap(), code::FUNC | code::NO_FUNC | code::DEFINED)
    }

    /// Whether its heap type is one of external references. The type's code is not looked at, as in WasmEdge.
    pub(crate) fn is_extern(self) -> bool {
        matches!(self.heap(), code::EXTERN | code::NO_EXTERN) || self.externalised()
    }

    /// How its values cross the boundary, if they can: types that a module defines, and those of garbage collection,
    /// cannot.
    pub(crate) fn shape(self) -> Option<Shape> {
        Some(match (self.code(), self.heap()) {
            (code::I32, _) => Shape::I32,
            (code::I64, _) => Shape::I64,
            (code::F32, _) => Shape::F32,
            (code::F64, _) => Shape::F64,
            (code::V128, _) => Shape::V128,
            (code::REF | code::REF_NULL, code::FUNC | code::NO_FUNC) => Shape::Function,
            (code::REF | code::REF_NULL, code::EXTERN | code::NO_EXTERN) => Shape::Extern,
            _ => return None,
        })
    }

    /// The engine's type, if values of it can cross the boundary.
    pub(crate) fn to_wasm(self) -> Option<wasmtime::ValType> {
        use wasmtime::{HeapType, RefType, ValType as Wasm};
        let heap = match (self.shape()?, self.heap()) {
            (Shape::I32, _) => return Some(Wasm::I32),
            (Shape::I64, _) => return Some(Wasm::I64),
            (Shape::F32, _) => return Some(Wasm::F32),
            (Shape::F64, _) => return Some(Wasm::F64),
            (Shape::V128, _) => return Some(Wasm::V128),
            (Shape::Function, code::NO_FUNC) => HeapType::NoFunc,
            (Shape::Function, _) => HeapType::Func,
            (Shape::Extern, code::NO_EXTERN) => HeapType::NoExtern,
            (Shape::Extern, _) => HeapType::Extern,
        };
        Some(Wasm::Ref(RefType::new(self.is_nullable(), heap)))
    }

    /// From the engine's type. Types that a module defines lose their index, which means nothing outside of it.
    pub(crate) fn from_wasm(ty: &wasmtime::ValType) -> ValType {
        use wasmtime::{HeapType, ValType as Wasm};
        let reference = match ty {
            Wasm::I32 => return ValType::I32,
            Wasm::I64 => return ValType::I64,
            Wasm::F32 => return ValType::F32,
            Wasm::F64 => return ValType::F64,
            Wasm::V128 => return ValType::V128,
            Wasm::Ref(reference) => reference,
        };
        let heap = match reference.heap_type() {
            HeapType::Func | HeapType::ConcreteFunc(_) => code::FUNC,
            HeapType::NoFunc => code::NO_FUNC,
            HeapType::Extern => code::EXTERN,
            HeapType::NoExtern => code::NO_EXTERN,
            HeapType::Any => code::ANY,
            HeapType::Eq => code::EQ,
            HeapType::I31 => code::I31,
            HeapType::Struct | HeapType::ConcreteStruct(_) => code::STRUCT,
            HeapType::Array | HeapType::ConcreteArray(_) => code::ARRAY,
            HeapType::Exn | HeapType::ConcreteExn(_) | HeapType::NoExn => code::EXN,
            _ => code::NONE,
        };
        let mut ty = ValType::nullable(heap);
        if !reference.is_nullable() {
            ty.0[2] = code::REF;
        }
        ty
    }
}

/// Byte 0 is padding, and byte 1 does not count either.
impl PartialEq for ValType {
    fn eq(&self, other: &ValType) -> bool {
        self.0[2..] == other.0[2..]
    }
}

impl Eq for ValType {}

impl std::fmt::Display for ValType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.to_wasm() {
            Some(ty) => ty.fmt(f),
            None => write!(f, "type {:02x}{:02x}", self.code(), self.heap()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_does_not_count() {
        let mut other = ValType::I32;
        other.0[0] = 0x68;
        assert_eq!(other, ValType::I32);
        assert_ne!(ValType::I64, ValType::I32);
    }

    #[test]
    fn types_survive_the_way_there_and_back() {
        for ty in [
            ValType::I32,
            ValType::I64,
            ValType::F32,
            ValType::F64,
            ValType::V128,
            ValType::FUNC_REF,
            ValType::EXTERN_REF,
        ] {
            assert_eq!(ValType::from_wasm(&ty.to_wasm().unwrap()), ty);
        }
        let non_null = ValType([0, 0, code::REF, code::NO_EXTERN, 0, 0, 0, 0]);
        assert_eq!(ValType::from_wasm(&non_null.to_wasm().unwrap()), non_null);
    }

    #[test]
    fn what_cannot_cross_is_refused() {
        let any = ValType::nullable(code::ANY);
        assert!(any.to_wasm().is_none());
        assert_eq!(any.to_string(), "type 636e");
        assert!(ValType([0; 8]).shape().is_none());
    }
}
