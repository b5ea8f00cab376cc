//! What a value looks like: in a guest's memory, in its flattened form, and in the host's memory.

use std::fmt;
use std::sync::Arc;

use crate::wit;

/// A type of the component model with all that is needed to move its values.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) kind: Kind,
    /// In the memory of a guest (Canonical ABI, pointers of 32 bits).
    pub(crate) guest: Layout,
    /// In the memory of the host, as `c12_plugin.h` describes it.
    pub(crate) native: Layout,
    /// The core values that it is passed as when flattened.
    pub(crate) flat: Vec<Flat>,
    /// The bytes in guest and host are the same, and all bytes are values.
    pub(crate) plain: bool,
    /// Plain, and every byte is part of the value: gaps of a plugin's memory are not for guests.
    pub(crate) packed: bool,
    /// There are resources in it.
    pub(crate) handles: bool,
    /// Storing it into a guest needs memory besides its own.
    pub(crate) allocates: bool,
}

/// Size and alignment in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) size: usize,
    pub(crate) align: usize,
}

/// A core type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flat {
    I32,
    I64,
    F32,
    F64,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Bool,
    Number(Number),
    Char,
    String,
    List(Arc<Shape>),
    /// A record, or a tuple if the fields have no names.
    Record(Box<[Field]>),
    Variant(Variant),
    Flags(Box<[Box<str>]>),
    Own(Resource),
    Borrow(Resource),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Number {
    U8,
    S8,
    U16,
    S16,
    U32,
    S32,
    U64,
    S64,
    F32,
    F64,
}

impl Number {
    /// Bytes in memory.
    pub(crate) const fn size(self) -> usize {
        match self {
            Number::U8 | Number::S8 => 1,
            Number::U16 | Number::S16 => 2,
            Number::U32 | Number::S32 | Number::F32 => 4,
            Number::U64 | Number::S64 | Number::F64 => 8,
        }
    }
}

/// Which resource: the position among those of the plugin, or the table of the component that is lifted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Resource(pub(crate) u32);

#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: Box<str>,
    pub(crate) shape: Shape,
    /// Offset in the guest's memory.
    pub(crate) guest: usize,
    /// Offset in the host's memory.
    pub(crate) native: usize,
}

/// A choice of cases, one of which is there.
#[derive(Debug, Clone)]
pub(crate) struct Variant {
    pub(crate) sort: Sort,
    pub(crate) cases: Box<[Case]>,
    /// Bytes of the discriminant.
    pub(crate) tag: usize,
    /// Offset of the payload in the guest's memory.
    pub(crate) guest: usize,
    /// Offset of the payload in the host's memory.
    pub(crate) native: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Variant,
    Enum,
    Option,
    Result,
}

#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) name: Box<str>,
    pub(crate) payload: Option<Shape>,
}

fn align_up(offset: usize, align: usize) -> usize {
    offset.div_ceil(align) * align
}

impl Shape {
    fn scalar(kind: Kind, size: usize, flat: Flat, plain: bool) -> Self {
        let layout = Layout { size, align: size };
        Shape {
            kind,
            guest: layout,
            native: layout,
            flat: vec![flat],
            plain,
            packed: plain,
            handles: false,
            allocates: false,
        }
    }

    pub(crate) fn bool() -> Self {
        Shape::scalar(Kind::Bool, 1, Flat::I32, false)
    }

    pub(crate) fn char() -> Self {
        Shape::scalar(Kind::Char, 4, Flat::I32, false)
    }

    pub(crate) fn number(number: Number) -> Self {
        let flat = match number {
            Number::F32 => Flat::F32,
            Number::F64 => Flat::F64,
            Number::U64 | Number::S64 => Flat::I64,
            _ => Flat::I32,
        };
        Shape::scalar(Kind::Number(number), number.size(), flat, true)
    }

    fn pointer(kind: Kind, handles: bool) -> Self {
        Shape {
            kind,
            guest: Layout { size: 8, align: 4 },
            native: Layout { size: 16, align: 8 },
            flat: vec![Flat::I32, Flat::I32],
            plain: false,
            packed: false,
            handles,
            allocates: true,
        }
    }

    pub(crate) fn string() -> Self {
        Shape::pointer(Kind::String, false)
    }

    pub(crate) fn list(element: Shape) -> Self {
        let handles = element.handles;
        Shape::pointer(Kind::List(Arc::new(element)), handles)
    }

    pub(crate) fn own(resource: Resource) -> Self {
        Shape::handle(Kind::Own(resource))
    }

    pub(crate) fn borrow(resource: Resource) -> Self {
        Shape::handle(Kind::Borrow(resource))
    }

    fn handle(kind: Kind) -> Self {
        Shape {
            kind,
            guest: Layout { size: 4, align: 4 },
            native: Layout { size: 8, align: 8 },
            flat: vec![Flat::I32],
            plain: false,
            packed: false,
            handles: true,
            allocates: false,
        }
    }

    /// A record; a tuple if all names are empty.
    pub(crate) fn record(fields: impl IntoIterator<Item = (Box<str>, Shape)>) -> Self {
        let (mut guest, mut native) = (Layout { size: 0, align: 1 }, Layout { size: 0, align: 1 });
        let (mut flat, mut plain, mut handles, mut allocates) = (Vec::new(), true, false, false);
        let place = |layout: &mut Layout, of: Layout| {
            let offset = align_up(layout.size, of.align);
            layout.size = offset + of.size;
            layout.align = layout.align.max(of.align);
            offset
        };
        let fields: Box<[Field]> = fields
            .into_iter()
            .map(|(name, shape)| {
                flat.extend_from_slice(&shape.flat);
                plain &= shape.plain;
                handles |= shape.handles;
                allocates |= shape.allocates;
                Field {
                    guest: place(&mut guest, shape.guest),
                    native: place(&mut native, shape.native),
                    name,
                    shape,
                }
            })
            .collect();
        guest.size = align_up(guest.size, guest.align);
        native.size = align_up(native.size, native.align);
        let filled: usize = fields.iter().map(|field| field.shape.native.size).sum();
        Shape {
            packed: plain && filled == native.size && fields.iter().all(|field| field.shape.packed),
            kind: Kind::Record(fields),
            guest,
            native,
            flat,
            plain,
            handles,
            allocates,
        }
    }

    pub(crate) fn tuple(elements: impl IntoIterator<Item = Shape>) -> Self {
        Shape::record(elements.into_iter().map(|shape| ("".into(), shape)))
    }

    pub(crate) fn option(payload: Shape) -> Self {
        let cases = [("none".into(), None), ("some".into(), Some(payload))];
        Shape::variant(Sort::Option, cases)
    }

    pub(crate) fn result(ok: Option<Shape>, err: Option<Shape>) -> Self {
        Shape::variant(Sort::Result, [("ok".into(), ok), ("err".into(), err)])
    }

    pub(crate) fn variant(
        sort: Sort,
        cases: impl IntoIterator<Item = (Box<str>, Option<Shape>)>,
    ) -> Self {
        let cases: Box<[Case]> = cases
            .into_iter()
            .map(|(name, payload)| Case { name, payload })
            .collect();
        let tag = match cases.len() {
            0..=0x100 => 1,
            0x101..=0x1_0000 => 2,
            _ => 4,
        };
        let payloads = || cases.iter().filter_map(|case| case.payload.as_ref());
        let overlay = |of: fn(&Shape) -> Layout| {
            let align = payloads().map(|shape| of(shape).align).max().unwrap_or(1);
            let size = payloads().map(|shape| of(shape).size).max().unwrap_or(0);
            let offset = align_up(tag, align);
            let align = align.max(tag);
            let size = align_up(offset + size, align);
            (offset, Layout { size, align })
        };
        let (guest, guest_layout) = overlay(|shape| shape.guest);
        let (native, native_layout) = overlay(|shape| shape.native);
        let mut flat: Vec<Flat> = Vec::new();
        for payload in payloads() {
            for (position, ty) in payload.flat.iter().enumerate() {
                match flat.get_mut(position) {
                    Some(known) => *known = join(*known, *ty),
                    None => flat.push(*ty),
                }
            }
        }
        flat.insert(0, Flat::I32);
        Shape {
            handles: payloads().any(|shape| shape.handles),
            allocates: payloads().any(|shape| shape.allocates),
            kind: Kind::Variant(Variant {
                sort,
                tag,
                guest,
                native,
                cases,
            }),
            guest: guest_layout,
            native: native_layout,
            flat,
            plain: false,
            packed: false,
        }
    }

    /// Flags; there must be 1 to 32.
    pub(crate) fn flags(names: Box<[Box<str>]>) -> Self {
        let size = match names.len() {
            0..=8 => 1,
            9..=16 => 2,
            _ => 4,
        };
        Shape::scalar(Kind::Flags(names), size, Flat::I32, false)
    }
}

/// The type that holds the values of both: how cases of a variant share flattened values.
fn join(one: Flat, other: Flat) -> Flat {
    match (one, other) {
        (one, other) if one == other => one,
        (Flat::I32, Flat::F32) | (Flat::F32, Flat::I32) => Flat::I32,
        _ => Flat::I64,
    }
}

/// As WIT spells it; resources without their names.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Bool => f.write_str("bool"),
            Kind::Number(number) => f.write_str(match number {
                Number::U8 => "u8",
                Number::S8 => "s8",
                Number::U16 => "u16",
                Number::S16 => "s16",
                Number::U32 => "u32",
                Number::S32 => "s32",
                Number::U64 => "u64",
                Number::S64 => "s64",
                Number::F32 => "f32",
                Number::F64 => "f64",
            }),
            Kind::Char => f.write_str("char"),
            Kind::String => f.write_str("string"),
            Kind::List(element) => write!(f, "list<{element}>"),
            Kind::Record(fields) => {
                let named = fields.iter().any(|field| !field.name.is_empty());
                f.write_str(if named { "record { " } else { "tuple<" })?;
                for (position, field) in fields.iter().enumerate() {
                    f.write_str(if position > 0 { ", " } else { "" })?;
                    if named {
                        write!(f, "{}: ", field.name)?;
                    }
                    field.shape.fmt(f)?;
                }
                f.write_str(if named { " }" } else { ">" })
            }
            Kind::Variant(variant) => variant.fmt(f),
            Kind::Flags(names) => write!(f, "flags {{ {} }}", names.join(", ")),
            Kind::Own(_) => f.write_str("own<resource>"),
            Kind::Borrow(_) => f.write_str("borrow<resource>"),
        }
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payload = |position: usize| {
            let payload = self.cases.get(position)?.payload.as_ref();
            payload.map(ToString::to_string)
        };
        match self.sort {
            Sort::Option => write!(f, "option<{}>", payload(1).unwrap_or_default()),
            Sort::Result => f.write_str(&wit::result(payload(0), payload(1))),
            Sort::Enum | Sort::Variant => {
                f.write_str(if self.sort == Sort::Enum {
                    "enum { "
                } else {
                    "variant { "
                })?;
                for (position, case) in self.cases.iter().enumerate() {
                    f.write_str(if position > 0 { ", " } else { "" })?;
                    f.write_str(&case.name)?;
                    if let Some(payload) = &case.payload {
                        write!(f, "({payload})")?;
                    }
                }
                f.write_str(" }")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layouts(shape: &Shape) -> ((usize, usize), (usize, usize), usize) {
        (
            (shape.guest.size, shape.guest.align),
            (shape.native.size, shape.native.align),
            shape.flat.len(),
        )
    }

    #[test]
    fn layouts_follow_the_canonical_abi() {
        let u8 = || Shape::number(Number::U8);
        let f64 = || Shape::number(Number::F64);
        assert_eq!(layouts(&Shape::string()), ((8, 4), (16, 8), 2));
        let record = Shape::tuple([u8(), Shape::string(), u8()]);
        assert_eq!(layouts(&record), ((16, 4), (32, 8), 4));
        assert_eq!(layouts(&Shape::option(u8())), ((2, 1), (2, 1), 2));
        assert_eq!(layouts(&Shape::option(f64())), ((16, 8), (16, 8), 2));
        assert_eq!(layouts(&Shape::result(None, None)), ((1, 1), (1, 1), 1));
        let mixed = Shape::result(Some(f64()), Some(Shape::string()));
        assert_eq!(layouts(&mixed), ((16, 8), (24, 8), 3));
        assert_eq!(mixed.flat, [Flat::I32, Flat::I64, Flat::I32]);
        let gaps = Shape::tuple([u8(), f64()]);
        assert!(gaps.plain && !gaps.packed && !record.plain);
        assert!(Shape::tuple([f64(), f64()]).packed);
        assert_eq!(mixed.to_string(), "result<f64, string>");
        assert_eq!(Shape::result(None, None).to_string(), "result");
    }
}
