//! Values to where the plugin reads them.

use c12_bindgen::World;
use wit_parser::{Type, TypeDefKind};

use super::Value;
use super::instance::{Lending, Resources};

/// The memory of one call's arguments. It is aligned to eight bytes, as much as any type needs.
#[derive(Debug, Default)]
pub(super) struct Memory {
    blocks: Vec<Box<[u64]>>,
}

impl Memory {
    /// Zeroed room for so many bytes, valid as long as this.
    pub(super) fn allocate(&mut self, size: usize) -> *mut u8 {
        let mut block = vec![0_u64; size.div_ceil(8).max(1)].into_boxed_slice();
        let start = block.as_mut_ptr().cast();
        self.blocks.push(block);
        start
    }
}

/// Writes values of a world's types.
pub(super) struct Lower<'w> {
    pub(super) world: &'w World,
    pub(super) memory: &'w mut Memory,
    pub(super) resources: &'w Resources,
    /// What is lent and given away in this call.
    pub(super) lending: &'w mut Lending,
}

type Done = Result<(), String>;

fn mismatch(expected: &str, value: &Value) -> Done {
    Err(format!("{expected} is expected, not {value}"))
}

impl Lower<'_> {
    /// Writes a value.
    ///
    /// # Safety
    ///
    /// There is room for a value of the type at `to`.
    pub(super) unsafe fn lower(&mut self, value: &Value, ty: &Type, to: *mut u8) -> Done {
        // SAFETY: the caller has room for it, and the branch taken is that of the type.
        unsafe {
            match (self.world.dealias(ty), value) {
                (Type::Bool, Value::Bool(value)) => to.write(u8::from(*value)),
                (Type::U8, Value::U8(value)) => to.write(*value),
                (Type::S8, Value::S8(value)) => to.cast::<i8>().write(*value),
                (Type::U16, Value::U16(value)) => to.cast::<u16>().write(*value),
                (Type::S16, Value::S16(value)) => to.cast::<i16>().write(*value),
                (Type::U32, Value::U32(value)) => to.cast::<u32>().write(*value),
                (Type::S32, Value::S32(value)) => to.cast::<i32>().write(*value),
                (Type::U64, Value::U64(value)) => to.cast::<u64>().write(*value),
                (Type::S64, Value::S64(value)) => to.cast::<i64>().write(*value),
                (Type::F32, Value::F32(value)) => to.cast::<f32>().write(*value),
                (Type::F64, Value::F64(value)) => to.cast::<f64>().write(*value),
                (Type::Char, Value::Char(value)) => to.cast::<u32>().write(u32::from(*value)),
                (Type::String, Value::String(text)) => {
                    let data = self.memory.allocate(text.len());
                    data.copy_from_nonoverlapping(text.as_ptr(), text.len());
                    put_span(to, data, text.len());
                }
                (ty @ Type::Id(_), value) => return self.lower_compound(value, &ty, to),
                (ty, value) => return mismatch(primitive(&ty), value),
            }
        }
        Ok(())
    }

    /// # Safety
    ///
    /// As for [`lower`](Self::lower).
    unsafe fn lower_compound(&mut self, value: &Value, ty: &Type, to: *mut u8) -> Done {
        let world = self.world;
        let Some((_, kind)) = world.kind(ty) else {
            return mismatch("a known type", value);
        };
        // SAFETY: the caller has room for the type; offsets are those of the type's parts.
        unsafe {
            match (kind, value) {
                (TypeDefKind::List(item), Value::List(items)) => {
                    let size = world.layout(item).size;
                    let data = self.memory.allocate(items.len() * size);
                    for (place, value) in items.iter().enumerate() {
                        self.lower(value, item, data.add(place * size))
                            .map_err(|error| format!("element {place}: {error}"))?;
                    }
                    put_span(to, data, items.len());
                }
                (TypeDefKind::Record(record), Value::Record(fields)) => {
                    let offsets = world.fields(record.fields.iter().map(|f| &f.ty)).offsets;
                    if fields.len() != record.fields.len() {
                        return mismatch("a record with all fields", value);
                    }
                    for ((field, (name, value)), offset) in
                        record.fields.iter().zip(fields).zip(offsets)
                    {
                        if field.name != *name {
                            return Err(format!(
                                "field `{}` is expected, not `{name}`",
                                field.name
                            ));
                        }
                        self.lower(value, &field.ty, to.add(offset))
                            .map_err(|error| format!("field `{name}`: {error}"))?;
                    }
                }
                (TypeDefKind::Tuple(tuple), Value::Tuple(values)) => {
                    if values.len() != tuple.types.len() {
                        return mismatch("a tuple of another length", value);
                    }
                    let offsets = world.fields(&tuple.types).offsets;
                    for ((ty, value), offset) in tuple.types.iter().zip(values).zip(offsets) {
                        self.lower(value, ty, to.add(offset))?;
                    }
                }
                (TypeDefKind::Variant(variant), Value::Variant(name, payload)) => {
                    let case = variant.cases.iter().position(|case| case.name == *name);
                    let Some((place, case)) = case.and_then(|c| Some((c, variant.cases.get(c)?)))
                    else {
                        return mismatch("one of the cases", value);
                    };
                    self.lower_case(ty, place, case.ty.as_ref(), payload.as_deref(), to)
                        .map_err(|error| format!("case `{name}`: {error}"))?;
                }
                (TypeDefKind::Option(some), Value::Option(payload)) => {
                    let (place, ty_of) = match payload {
                        Some(_) => (1, Some(some)),
                        None => (0, None),
                    };
                    self.lower_case(ty, place, ty_of, payload.as_deref(), to)?;
                }
                (TypeDefKind::Result(result), Value::Result(outcome)) => {
                    let (place, ty_of, payload) = match outcome {
                        Ok(payload) => (0, result.ok.as_ref(), payload),
                        Err(payload) => (1, result.err.as_ref(), payload),
                    };
                    self.lower_case(ty, place, ty_of, payload.as_deref(), to)?;
                }
                (TypeDefKind::Enum(cases), Value::Enum(name)) => {
                    let place = cases.cases.iter().position(|case| case.name == *name);
                    let Some(place) = place else {
                        return mismatch("one of the cases", value);
                    };
                    put_tag(to, world.layout(ty).size, place);
                }
                (TypeDefKind::Flags(flags), Value::Flags(names)) => {
                    let mut bits = 0;
                    for name in names {
                        let place = flags.flags.iter().position(|flag| flag.name == *name);
                        let Some(place) = place else {
                            return mismatch("some of the flags", value);
                        };
                        bits |= 1_usize << place;
                    }
                    put_tag(to, world.layout(ty).size, bits);
                }
                (TypeDefKind::Handle(handle), Value::Resource(resource)) => {
                    let (of, own) = world.resource(handle);
                    let rep = self.lending.lend(self.resources, *resource, of, own)?;
                    to.cast::<u64>().write(rep);
                }
                (kind, value) => return mismatch(&format!("a {}", kind.as_str()), value),
            }
        }
        Ok(())
    }

    /// Writes a case of a union.
    ///
    /// # Safety
    ///
    /// There is room for the union at `to`.
    unsafe fn lower_case(
        &mut self,
        ty: &Type,
        place: usize,
        payload_type: Option<&Type>,
        payload: Option<&Value>,
        to: *mut u8,
    ) -> Done {
        let Some(union) = self.world.union(ty) else {
            return Err("it is no union".into());
        };
        // SAFETY: the tag and the payload are where the union has them.
        unsafe {
            put_tag(to, union.tag, place);
            match (payload_type, payload) {
                (Some(ty), Some(value)) => self.lower(value, ty, to.add(union.payload)),
                (None, None) => Ok(()),
                (Some(_), None) => Err("a payload is expected".into()),
                (None, Some(value)) => mismatch("no payload", value),
            }
        }
    }
}

/// # Safety
///
/// There is room for a pointer and a length at `to`.
unsafe fn put_span(to: *mut u8, data: *const u8, len: usize) {
    // SAFETY: as the caller promises.
    unsafe {
        to.cast::<*const u8>().write(data);
        to.add(8).cast::<usize>().write(len);
    }
}

/// # Safety
///
/// There is room for `size` bytes at `to`.
unsafe fn put_tag(to: *mut u8, size: usize, tag: usize) {
    // SAFETY: as the caller promises; the layout chose a size that holds all positions.
    unsafe {
        match size {
            1 => to.write(tag as u8),
            2 => to.cast::<u16>().write(tag as u16),
            _ => to.cast::<u32>().write(tag as u32),
        }
    }
}

fn primitive(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "a bool",
        Type::U8 => "a u8",
        Type::U16 => "a u16",
        Type::U32 => "a u32",
        Type::U64 => "a u64",
        Type::S8 => "an s8",
        Type::S16 => "an s16",
        Type::S32 => "an s32",
        Type::S64 => "an s64",
        Type::F32 => "an f32",
        Type::F64 => "an f64",
        Type::Char => "a char",
        Type::String => "a string",
        Type::ErrorContext | Type::Id(_) => "something else",
    }
}
