//! Values between the plugin's form and the engine's.

use std::fmt;

use c12::Context;
use wasmtime::{AsContextMut, ExternRef, HeapType, Val};

use crate::abi::{ValType, Value};
use crate::frame::Realm;

/// A pointer of a plugin, as guests hold it.
#[derive(Clone, Copy, Debug)]
struct HostPointer(usize);

/// Why a value cannot cross the boundary.
#[derive(Debug)]
pub(crate) struct Unfit(pub(crate) String);

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the plugin gave, as a value of that type: the type that the value itself carries is not looked at.
pub(crate) fn to_wasm(
    realm: &Realm,
    store: &mut impl AsContextMut<Data = Context>,
    value: &Value,
    ty: &wasmtime::ValType,
) -> Result<Val, Unfit> {
    use wasmtime::ValType as Wasm;
    let reference = match ty {
        Wasm::I32 => return Ok(Val::I32(value.bits as i32)),
        Wasm::I64 => return Ok(Val::I64(value.bits as i64)),
        Wasm::F32 => return Ok(Val::F32(value.bits as u32)),
        Wasm::F64 => return Ok(Val::F64(value.bits as u64)),
        Wasm::V128 => return Ok(Val::V128(value.bits.into())),
        Wasm::Ref(reference) => reference,
    };
    let pointer = value.pointer();
    if pointer == 0 {
        return if reference.is_nullable() {
            Ok(Val::null_ref(reference.heap_type()))
        } else {
            Err(Unfit(format!("null for the type {ty}")))
        };
    }
    match reference.heap_type().top() {
        HeapType::Func => {
            let object = std::ptr::with_exposed_provenance(pointer);
            let function = realm.reference(store, object).map_err(Unfit)?;
            Ok(Val::FuncRef(Some(function)))
        }
        HeapType::Extern => {
            let reference = ExternRef::new(&mut *store, HostPointer(pointer))
                .map_err(|error| Unfit(format!("no room for an external reference: {error:#}")))?;
            Ok(Val::ExternRef(Some(reference)))
        }
        _ => Err(Unfit(format!("a plugin cannot make a value of type {ty}"))),
    }
}

/// What the guest has, as the plugin sees it.
pub(crate) fn from_wasm(
    realm: &Realm,
    store: &mut impl AsContextMut<Data = Context>,
    value: &Val,
) -> Result<Value, Unfit> {
    Ok(match value {
        Val::I32(number) => Value::new(ValType::I32, number.cast_unsigned().into()),
        Val::I64(number) => Value::new(ValType::I64, number.cast_unsigned().into()),
        Val::F32(bits) => Value::new(ValType::F32, (*bits).into()),
        Val::F64(bits) => Value::new(ValType::F64, (*bits).into()),
        Val::V128(bits) => Value::new(ValType::V128, bits.as_u128()),
        Val::FuncRef(None) => Value::reference(ValType::FUNC_REF, 0),
        Val::FuncRef(Some(function)) => {
            let object = realm.function(store, *function);
            Value::reference(ValType::FUNC_REF, object.as_ptr().expose_provenance())
        }
        Val::ExternRef(None) => Value::reference(ValType::EXTERN_REF, 0),
        Val::ExternRef(Some(reference)) => {
            let data = reference
                .data(store.as_context())
                .map_err(|error| Unfit(format!("{error:#}")))?;
            let pointer = data
                .and_then(|data| data.downcast_ref::<HostPointer>())
                .ok_or_else(|| Unfit("an external reference that no plugin made".into()))?;
            Value::reference(ValType::EXTERN_REF, pointer.0)
        }
        Val::AnyRef(_) | Val::ExnRef(_) | Val::ContRef(_) => {
            return Err(Unfit(
                "a reference of garbage collection, which plugins do not know".into(),
            ));
        }
    })
}
