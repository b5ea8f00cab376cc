//! What the plugin returned, checked as the host checks it.

use c12_bindgen::World;
use wit_parser::{Type, TypeDefKind};

use super::Value;
use super::instance::Resources;

/// Reads values of a world's types. Pointers are taken as they are; all else is checked.
pub(super) struct Lift<'w> {
    pub(super) world: &'w World,
    pub(super) resources: &'w mut Resources,
}

type Lifted = Result<Value, String>;

impl Lift<'_> {
    /// Reads a value.
    ///
    /// # Safety
    ///
    /// There is a value of the type at `from`, or at least as many bytes; pointers in it are valid or null.
    pub(super) unsafe fn lift(&mut self, ty: &Type, from: *const u8) -> Lifted {
        // SAFETY: as the caller promises; the branch taken is that of the type.
        unsafe {
            Ok(match self.world.dealias(ty) {
                Type::Bool => match from.read() {
                    0 => Value::Bool(false),
                    1 => Value::Bool(true),
                    other => return Err(format!("{other} is no bool")),
                },
                Type::U8 => Value::U8(from.read()),
                Type::S8 => Value::S8(from.cast::<i8>().read()),
                Type::U16 => Value::U16(from.cast::<u16>().read()),
                Type::S16 => Value::S16(from.cast::<i16>().read()),
                Type::U32 => Value::U32(from.cast::<u32>().read()),
                Type::S32 => Value::S32(from.cast::<i32>().read()),
                Type::U64 => Value::U64(from.cast::<u64>().read()),
                Type::S64 => Value::S64(from.cast::<i64>().read()),
                Type::F32 => Value::F32(from.cast::<f32>().read()),
                Type::F64 => Value::F64(from.cast::<f64>().read()),
                Type::Char => {
                    let code = from.cast::<u32>().read();
                    match char::from_u32(code) {
                        Some(value) => Value::Char(value),
                        None => return Err(format!("U+{code:X} is no character")),
                    }
                }
                Type::String => {
                    let (data, len) = span(from, 1, 1)?;
                    match std::str::from_utf8(std::slice::from_raw_parts(data, len)) {
                        Ok(text) => Value::String(text.to_owned()),
                        Err(error) => return Err(format!("a string is not UTF-8: {error}")),
                    }
                }
                Type::ErrorContext => return Err("there is no such type".into()),
                ty @ Type::Id(_) => return self.lift_compound(&ty, from),
            })
        }
    }

    /// # Safety
    ///
    /// As for [`lift`](Self::lift).
    unsafe fn lift_compound(&mut self, ty: &Type, from: *const u8) -> Lifted {
        let world = self.world;
        let Some((_, kind)) = world.kind(ty) else {
            return Err("there is no such type".into());
        };
        // SAFETY: as the caller promises; offsets are those of the type's parts.
        unsafe {
            Ok(match kind {
                TypeDefKind::List(item) => {
                    let layout = world.layout(item);
                    let (data, len) = span(from, layout.size, layout.align)?;
                    let mut items = Vec::new();
                    for place in 0..len {
                        let value = self
                            .lift(item, data.add(place * layout.size))
                            .map_err(|error| format!("element {place}: {error}"))?;
                        items.push(value);
                    }
                    Value::List(items)
                }
                TypeDefKind::Record(record) => {
                    let offsets = world.fields(record.fields.iter().map(|f| &f.ty)).offsets;
                    let mut fields = Vec::new();
                    for (field, offset) in record.fields.iter().zip(offsets) {
                        let value = self
                            .lift(&field.ty, from.add(offset))
                            .map_err(|error| format!("field `{}`: {error}", field.name))?;
                        fields.push((field.name.clone(), value));
                    }
                    Value::Record(fields)
                }
                TypeDefKind::Tuple(tuple) => {
                    let offsets = world.fields(&tuple.types).offsets;
                    let mut fields = Vec::new();
                    for (ty, offset) in tuple.types.iter().zip(offsets) {
                        fields.push(self.lift(ty, from.add(offset))?);
                    }
                    Value::Tuple(fields)
                }
                TypeDefKind::Variant(variant) => {
                    let place = self.case(ty, from)?;
                    let Some(case) = variant.cases.get(place) else {
                        return Err(format!("there is no case {place}"));
                    };
                    let payload = self.payload(ty, case.ty.as_ref(), from);
                    let payload =
                        payload.map_err(|error| format!("case `{}`: {error}", case.name))?;
                    Value::Variant(case.name.clone(), payload)
                }
                TypeDefKind::Option(some) => match self.case(ty, from)? {
                    0 => Value::Option(None),
                    1 => Value::Option(self.payload(ty, Some(some), from)?),
                    other => return Err(format!("an option has no case {other}")),
                },
                TypeDefKind::Result(result) => match self.case(ty, from)? {
                    0 => Value::Result(Ok(self.payload(ty, result.ok.as_ref(), from)?)),
                    1 => Value::Result(Err(self.payload(ty, result.err.as_ref(), from)?)),
                    other => return Err(format!("a result has no case {other}")),
                },
                TypeDefKind::Enum(cases) => {
                    let place = tag(from, world.layout(ty).size);
                    match cases.cases.get(place) {
                        Some(case) => Value::Enum(case.name.clone()),
                        None => return Err(format!("there is no case {place}")),
                    }
                }
                TypeDefKind::Flags(flags) => {
                    let bits = tag(from, world.layout(ty).size);
                    if flags.flags.len() < 64 && bits >> flags.flags.len() != 0 {
                        return Err(format!("{bits:#x} has bits that are no flags"));
                    }
                    let names = flags.flags.iter().enumerate();
                    Value::Flags(
                        names
                            .filter(|(place, _)| bits >> place & 1 == 1)
                            .map(|(_, flag)| flag.name.clone())
                            .collect(),
                    )
                }
                TypeDefKind::Handle(handle) => {
                    let (of, _) = world.resource(handle);
                    Value::Resource(self.resources.add(of, from.cast::<u64>().read()))
                }
                other => return Err(format!("there is no form for a {}", other.as_str())),
            })
        }
    }

    /// # Safety
    ///
    /// As for [`lift`](Self::lift), for a union.
    unsafe fn case(&self, ty: &Type, from: *const u8) -> Result<usize, String> {
        let Some(union) = self.world.union(ty) else {
            return Err("it is no union".into());
        };
        // SAFETY: as the caller promises.
        Ok(unsafe { tag(from, union.tag) })
    }

    /// # Safety
    ///
    /// As for [`case`](Self::case), with a case of this payload.
    unsafe fn payload(
        &mut self,
        ty: &Type,
        payload: Option<&Type>,
        from: *const u8,
    ) -> Result<Option<Box<Value>>, String> {
        let (Some(union), Some(payload)) = (self.world.union(ty), payload) else {
            return Ok(None);
        };
        // SAFETY: as the caller promises.
        let value = unsafe { self.lift(payload, from.add(union.payload)) }?;
        Ok(Some(Box::new(value)))
    }
}

/// # Safety
///
/// There are `size` bytes at `from`.
unsafe fn tag(from: *const u8, size: usize) -> usize {
    // SAFETY: as the caller promises.
    unsafe {
        match size {
            1 => usize::from(from.read()),
            2 => usize::from(from.cast::<u16>().read()),
            _ => from.cast::<u32>().read() as usize,
        }
    }
}

/// A pointer and a length that can be.
///
/// # Safety
///
/// There are both at `from`.
unsafe fn span(from: *const u8, size: usize, align: usize) -> Result<(*const u8, usize), String> {
    // SAFETY: as the caller promises.
    let (data, len) = unsafe {
        (
            from.cast::<*const u8>().read(),
            from.add(8).cast::<usize>().read(),
        )
    };
    if len == 0 {
        return Ok((std::ptr::without_provenance(align), 0));
    }
    // More than this is no list that a guest of 32 bits could take.
    let fits = len
        .checked_mul(size)
        .is_some_and(|all| all <= u32::MAX as usize);
    if !fits {
        return Err(format!(
            "a list of {len} elements is longer than a guest's memory"
        ));
    }
    if data.is_null() {
        return Err(format!("a list of {len} elements is nowhere"));
    }
    if !(data as usize).is_multiple_of(align) {
        return Err(format!(
            "a list at {data:p} is not aligned to {align} bytes"
        ));
    }
    Ok((data, len))
}
