//! `WasmEdge_TagInstance…`: only guests have tags.
#![allow(unsafe_code)]

use std::ptr;

use wasmtime::Extern;

use crate::abi::live::{Kind, Object};
use crate::frame::Realm;
use crate::types::{FunctionType, TagType};

/// `WasmEdge_TagInstanceContext`.
#[derive(Debug)]
pub(crate) struct TagInstance {
    ty: TagType,
}

impl Object for TagInstance {
    const KIND: Kind = Kind::Tag;
}

impl TagInstance {
    /// Stands for a tag of the guest that is calling.
    pub(super) fn of_guest(realm: &Realm, item: Extern) -> Option<Self> {
        let Extern::Tag(tag) = item else {
            return None;
        };
        let ty = realm.with(|caller| tag.ty(&*caller))?;
        let function = FunctionType::from_wasm(ty.ty());
        Some(TagInstance {
            ty: TagType { function },
        })
    }
}

pub(crate) unsafe extern "C" fn tag_type(tag: *const TagInstance) -> *const TagType {
    // SAFETY: the API's contract: a tag instance, or NULL.
    unsafe { tag.as_ref() }.map_or(ptr::null(), |tag| &raw const tag.ty)
}
