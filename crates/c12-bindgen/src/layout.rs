//! Where the parts of a value lie in memory.
//!
//! The layout of the Canonical ABI ("Alignment" and "Element Size" of the component model), with pointers, lengths and
//! resources of eight bytes. It is what a C compiler for a 64-bit machine makes of the same structs.

use std::collections::HashMap;

use wit_parser::{Handle, Int, Resolve, Type, TypeDefKind, TypeId};

use crate::Error;

/// Types nested deeper than this are refused: reading them would need too much stack.
const MAX_DEPTH: usize = 64;
/// Values that take more than this many bytes, without what they point to, are refused.
const MAX_SIZE: usize = 1 << 20;
/// The bits that flags may have.
const MAX_FLAGS: usize = 32;

/// The size of pointers, lengths and resources.
const WORD: Layout = Layout { size: 8, align: 8 };
/// Strings and lists: a pointer and a length.
const SPAN: Layout = Layout { size: 16, align: 8 };

/// The size of a value and the alignment of its address, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Its size, with the padding behind it.
    pub size: usize,
    /// A power of two, at most 8.
    pub align: usize,
}

/// Nothing: what a missing payload takes.
impl Default for Layout {
    fn default() -> Self {
        Layout { size: 0, align: 1 }
    }
}

impl Layout {
    const fn scalar(size: usize) -> Self {
        Layout { size, align: size }
    }
}

/// A struct: a record, a tuple, the parameters of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Struct {
    /// The whole.
    pub layout: Layout,
    /// Where each field starts.
    pub offsets: Vec<usize>,
}

/// A variant, an option or a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Union {
    /// The whole.
    pub layout: Layout,
    /// How many bytes the position of the case has; it is at offset 0.
    pub tag: usize,
    /// Where every case's payload starts.
    pub payload: usize,
}

/// The layouts of types, each worked out once.
#[derive(Debug, Clone, Default)]
pub struct Layouts {
    known: HashMap<TypeId, Layout>,
}

impl Layouts {
    /// Works out the layout of a type and of all it is made of.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] if ABI 1 has no form for the type, or if it is too large.
    pub fn add(&mut self, resolve: &Resolve, ty: &Type) -> Result<Layout, Error> {
        self.add_nested(resolve, ty, 0)
    }

    fn add_nested(&mut self, resolve: &Resolve, ty: &Type, depth: usize) -> Result<Layout, Error> {
        let id = match ty {
            Type::ErrorContext => {
                return Err(Error::unsupported("error-context", "ABI 1 has none"));
            }
            Type::Id(id) => *id,
            _ => return Ok(self.of(ty)),
        };
        if let Some(layout) = self.known.get(&id) {
            return Ok(*layout);
        }
        if depth > MAX_DEPTH {
            return Err(Error::unsupported(
                name(resolve, id),
                "its types are nested too deeply",
            ));
        }
        for part in parts(resolve, id)? {
            self.add_nested(resolve, &part, depth + 1)?;
        }
        let layout = self.compute(resolve, id);
        if layout.size > MAX_SIZE {
            return Err(Error::unsupported(name(resolve, id), "it is too large"));
        }
        self.known.insert(id, layout);
        Ok(layout)
    }

    fn compute(&self, resolve: &Resolve, id: TypeId) -> Layout {
        let Some(def) = resolve.types.get(id) else {
            return Layout::default();
        };
        match &def.kind {
            TypeDefKind::Record(record) => self.fields(record.fields.iter().map(|f| &f.ty)).layout,
            TypeDefKind::Tuple(tuple) => self.fields(&tuple.types).layout,
            TypeDefKind::Flags(flags) => Layout::scalar(flags_size(flags.flags.len())),
            TypeDefKind::Enum(cases) => Layout::scalar(tag_size(cases.tag())),
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| case.ty.as_ref());
                self.union(variant.tag(), cases).layout
            }
            TypeDefKind::Option(some) => self.union(Int::U8, [None, Some(some)]).layout,
            TypeDefKind::Result(result) => {
                self.union(Int::U8, [result.ok.as_ref(), result.err.as_ref()])
                    .layout
            }
            TypeDefKind::List(_) => SPAN,
            TypeDefKind::Type(ty) => self.of(ty),
            TypeDefKind::Handle(_) | TypeDefKind::Resource => WORD,
            // `parts` has refused these.
            TypeDefKind::Map(..)
            | TypeDefKind::FixedLengthList(..)
            | TypeDefKind::Future(_)
            | TypeDefKind::Stream(_)
            | TypeDefKind::Unknown => Layout::default(),
        }
    }

    /// The layout of a type that was added; nothing for one that was not.
    pub fn of(&self, ty: &Type) -> Layout {
        match ty {
            Type::Bool | Type::U8 | Type::S8 => Layout::scalar(1),
            Type::U16 | Type::S16 => Layout::scalar(2),
            Type::U32 | Type::S32 | Type::F32 | Type::Char => Layout::scalar(4),
            Type::U64 | Type::S64 | Type::F64 => Layout::scalar(8),
            Type::String => SPAN,
            Type::ErrorContext => Layout::default(),
            Type::Id(id) => self.known.get(id).copied().unwrap_or_default(),
        }
    }

    /// The struct of fields that were added.
    pub fn fields<'a>(&self, types: impl IntoIterator<Item = &'a Type>) -> Struct {
        let mut layout = Layout::default();
        let mut offsets = Vec::new();
        for ty in types {
            let field = self.of(ty);
            let offset = align_up(layout.size, field.align);
            offsets.push(offset);
            layout.size = offset.saturating_add(field.size);
            layout.align = layout.align.max(field.align);
        }
        layout.size = align_up(layout.size, layout.align);
        Struct { layout, offsets }
    }

    /// The union of cases whose payloads were added.
    pub fn union<'a>(&self, tag: Int, cases: impl IntoIterator<Item = Option<&'a Type>>) -> Union {
        let tag = tag_size(tag);
        let largest = cases.into_iter().flatten().map(|ty| self.of(ty)).fold(
            Layout::default(),
            |all, one| Layout {
                size: all.size.max(one.size),
                align: all.align.max(one.align),
            },
        );
        let align = largest.align.max(tag);
        let payload = align_up(tag, largest.align);
        Union {
            layout: Layout {
                size: align_up(payload.saturating_add(largest.size), align),
                align,
            },
            tag,
            payload,
        }
    }
}

/// The bytes of flags with so many names: 1, 2 or 4.
pub fn flags_size(count: usize) -> usize {
    match count {
        0..=8 => 1,
        9..=16 => 2,
        _ => 4,
    }
}

/// The bytes of a case's position.
pub fn tag_size(tag: Int) -> usize {
    match tag {
        Int::U8 => 1,
        Int::U16 => 2,
        Int::U32 => 4,
        Int::U64 => 8,
    }
}

fn align_up(offset: usize, align: usize) -> usize {
    offset.saturating_add(align - 1) & !(align - 1)
}

fn name(resolve: &Resolve, id: TypeId) -> String {
    resolve
        .types
        .get(id)
        .map_or_else(String::new, |def| match &def.name {
            Some(name) => name.clone(),
            None => def.kind.as_str().to_owned(),
        })
}

/// The types that a type is made of, if ABI 1 has a form for it.
pub(crate) fn parts(resolve: &Resolve, id: TypeId) -> Result<Vec<Type>, Error> {
    let refuse = |what: &str| Err(Error::unsupported(name(resolve, id), what));
    let Some(def) = resolve.types.get(id) else {
        return refuse("it is of another package");
    };
    Ok(match &def.kind {
        TypeDefKind::Record(record) if record.fields.is_empty() => {
            return refuse("a record needs a field");
        }
        TypeDefKind::Tuple(tuple) if tuple.types.is_empty() => {
            return refuse("a tuple needs a field");
        }
        TypeDefKind::Flags(flags) if flags.flags.is_empty() => {
            return refuse("flags need a name");
        }
        TypeDefKind::Flags(flags) if flags.flags.len() > MAX_FLAGS => {
            return refuse("flags have at most 32 names");
        }
        TypeDefKind::Record(record) => record.fields.iter().map(|field| field.ty).collect(),
        TypeDefKind::Tuple(tuple) => tuple.types.clone(),
        TypeDefKind::Variant(variant) => variant.cases.iter().filter_map(|case| case.ty).collect(),
        TypeDefKind::Option(ty) | TypeDefKind::List(ty) | TypeDefKind::Type(ty) => vec![*ty],
        TypeDefKind::Result(result) => result.ok.into_iter().chain(result.err).collect(),
        TypeDefKind::Handle(Handle::Own(ty) | Handle::Borrow(ty)) => vec![Type::Id(*ty)],
        TypeDefKind::Flags(_) | TypeDefKind::Enum(_) | TypeDefKind::Resource => Vec::new(),
        TypeDefKind::Map(..) => return refuse("ABI 1 has no maps; use a list of tuples"),
        TypeDefKind::FixedLengthList(..) => {
            return refuse("ABI 1 has no lists of fixed length; use a tuple or a list");
        }
        TypeDefKind::Future(_) => return refuse("ABI 1 has no futures"),
        TypeDefKind::Stream(_) => {
            return refuse("ABI 1 has no streams; use a resource that is read");
        }
        TypeDefKind::Unknown => return refuse("it is of another package"),
    })
}
