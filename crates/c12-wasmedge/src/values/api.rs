//! The functions `WasmEdge_ValType…` and `WasmEdge_Value…`.
//!
//! Values are read without a look at their type, as WasmEdge does: plugins may rely on reading the bits of a float.

use std::ffi::c_void;

use crate::abi::{ValType, Value};
use crate::instances::FunctionInstance;

pub(crate) extern "C" fn type_i32() -> ValType {
    ValType::I32
}

pub(crate) extern "C" fn type_i64() -> ValType {
    ValType::I64
}

pub(crate) extern "C" fn type_f32() -> ValType {
    ValType::F32
}

pub(crate) extern "C" fn type_f64() -> ValType {
    ValType::F64
}

pub(crate) extern "C" fn type_v128() -> ValType {
    ValType::V128
}

pub(crate) extern "C" fn type_func_ref() -> ValType {
    ValType::FUNC_REF
}

pub(crate) extern "C" fn type_extern_ref() -> ValType {
    ValType::EXTERN_REF
}

pub(crate) extern "C" fn type_is_equal(one: ValType, other: ValType) -> bool {
    one == other
}

pub(crate) extern "C" fn type_is_i32(ty: ValType) -> bool {
    ty.0[2] == ValType::I32.0[2]
}

pub(crate) extern "C" fn type_is_i64(ty: ValType) -> bool {
    ty.0[2] == ValType::I64.0[2]
}

pub(crate) extern "C" fn type_is_f32(ty: ValType) -> bool {
    ty.0[2] == ValType::F32.0[2]
}

pub(crate) extern "C" fn type_is_f64(ty: ValType) -> bool {
    ty.0[2] == ValType::F64.0[2]
}

pub(crate) extern "C" fn type_is_v128(ty: ValType) -> bool {
    ty.0[2] == ValType::V128.0[2]
}

pub(crate) extern "C" fn type_is_func_ref(ty: ValType) -> bool {
    ty.is_function()
}

pub(crate) extern "C" fn type_is_extern_ref(ty: ValType) -> bool {
    ty.is_extern()
}

pub(crate) extern "C" fn type_is_ref(ty: ValType) -> bool {
    ty.is_reference()
}

pub(crate) extern "C" fn type_is_ref_null(ty: ValType) -> bool {
    ty.is_nullable()
}

pub(crate) extern "C" fn from_i32(number: i32) -> Value {
    Value::new(ValType::I32, number.cast_unsigned().into())
}

pub(crate) extern "C" fn from_i64(number: i64) -> Value {
    Value::new(ValType::I64, number.cast_unsigned().into())
}

pub(crate) extern "C" fn from_f32(number: f32) -> Value {
    Value::new(ValType::F32, number.to_bits().into())
}

pub(crate) extern "C" fn from_f64(number: f64) -> Value {
    Value::new(ValType::F64, number.to_bits().into())
}

pub(crate) extern "C" fn from_v128(number: i128) -> Value {
    Value::new(ValType::V128, number.cast_unsigned())
}

pub(crate) extern "C" fn from_func_ref(function: *const FunctionInstance) -> Value {
    Value::reference(ValType::FUNC_REF, function.expose_provenance())
}

pub(crate) extern "C" fn from_extern_ref(pointer: *mut c_void) -> Value {
    Value::reference(ValType::EXTERN_REF, pointer.expose_provenance())
}

pub(crate) extern "C" fn to_i32(value: Value) -> i32 {
    value.bits as i32
}

pub(crate) extern "C" fn to_i64(value: Value) -> i64 {
    value.bits as i64
}

pub(crate) extern "C" fn to_f32(value: Value) -> f32 {
    f32::from_bits(value.bits as u32)
}

pub(crate) extern "C" fn to_f64(value: Value) -> f64 {
    f64::from_bits(value.bits as u64)
}

pub(crate) extern "C" fn to_v128(value: Value) -> i128 {
    value.bits.cast_signed()
}

/// True for numbers of 64 bits and less as well: only the pointer's place is looked at.
pub(crate) extern "C" fn is_null_ref(value: Value) -> bool {
    value.pointer() == 0
}

pub(crate) extern "C" fn to_func_ref(value: Value) -> *const FunctionInstance {
    std::ptr::with_exposed_provenance(value.pointer())
}

pub(crate) extern "C" fn to_extern_ref(value: Value) -> *mut c_void {
    std::ptr::with_exposed_provenance_mut(value.pointer())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_without_a_look_at_the_type() {
        assert_eq!(to_i32(from_i64(0x1_ffff_ffff)), -1);
        assert_eq!(to_i64(from_i32(-1)), 0xffff_ffff);
        assert_eq!(to_i32(from_f32(1.0)), 0x3f80_0000);
        assert_eq!(to_f64(from_f64(-0.5)), -0.5);
        assert_eq!(to_v128(from_v128(-2)), -2);
    }

    #[test]
    fn references_keep_their_type_and_pointer() {
        let mut target = 0u8;
        let pointer = (&raw mut target).cast();
        let value = from_extern_ref(pointer);
        assert_eq!(to_extern_ref(value), pointer);
        assert_eq!(value.bits as u64, u64::from_le_bytes(ValType::EXTERN_REF.0));
        assert!(!is_null_ref(value) && is_null_ref(from_extern_ref(std::ptr::null_mut())));
        assert!(is_null_ref(from_i64(-1)));
    }

    #[test]
    fn kinds_of_references_are_told_by_the_heap_type() {
        assert!(type_is_func_ref(ValType::FUNC_REF) && !type_is_func_ref(ValType::EXTERN_REF));
        assert!(type_is_extern_ref(ValType::EXTERN_REF) && !type_is_func_ref(ValType::I32));
        assert!(type_is_ref(ValType::FUNC_REF) && type_is_ref_null(ValType::FUNC_REF));
    }
}
