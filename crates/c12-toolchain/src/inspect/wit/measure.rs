//! How long WIT text will be, told without writing it.
//!
//! A type without a name is written out wherever it is used. A tuple of two tuples of two tuples, each declared once,
//! doubles with every level: ten bytes of a file become a megabyte of text.

use wit_parser::{Function, Resolve, Type, TypeDef, TypeDefKind, TypeId};

/// What a keyword, punctuation and indentation take per item, generously.
const PER_ITEM: u64 = 32;

/// An upper bound, within a small factor, of the size of the text of all packages in `resolve`, in bytes.
pub(super) fn text_size(resolve: &Resolve) -> u64 {
    let mut sizes = Sizes {
        resolve,
        known: vec![None; resolve.types.len()],
    };
    let mut total = 0_u64;
    for (_, interface) in resolve.interfaces.iter() {
        total = total.saturating_add(docs(&interface.docs));
        for function in interface.functions.values() {
            total = total.saturating_add(sizes.function(function));
        }
    }
    for (_, world) in resolve.worlds.iter() {
        total = total.saturating_add(docs(&world.docs));
        for (key, item) in world.imports.iter().chain(&world.exports) {
            total = total.saturating_add(resolve.name_world_key(key).len() as u64 + PER_ITEM);
            if let wit_parser::WorldItem::Function(function) = item {
                total = total.saturating_add(sizes.function(function));
            }
        }
    }
    for (_, ty) in resolve.types.iter() {
        if ty.name.is_some() {
            total = total.saturating_add(sizes.definition(ty));
        }
    }
    total
}

fn docs(docs: &wit_parser::Docs) -> u64 {
    docs.contents.as_ref().map_or(0, |text| {
        text.len() as u64 + PER_ITEM * text.lines().count() as u64
    })
}

struct Sizes<'a> {
    resolve: &'a Resolve,
    /// Per type what writing its name, or the type itself if it has none, takes.
    known: Vec<Option<u64>>,
}

impl Sizes<'_> {
    fn function(&mut self, function: &Function) -> u64 {
        let mut size = function.name.len() as u64 + PER_ITEM + docs(&function.docs);
        for param in &function.params {
            size = size
                .saturating_add(param.name.len() as u64)
                .saturating_add(self.used(&param.ty));
        }
        size.saturating_add(function.result.as_ref().map_or(0, |ty| self.used(ty)))
    }

    /// The size of a definition: its name and its content.
    fn definition(&mut self, ty: &TypeDef) -> u64 {
        let name = ty.name.as_ref().map_or(0, |name| name.len() as u64);
        self.content(ty)
            .saturating_add(name + PER_ITEM + docs(&ty.docs))
    }

    /// The size of a type where it is used.
    fn used(&mut self, ty: &Type) -> u64 {
        let Type::Id(id) = ty else { return PER_ITEM };
        let id: TypeId = *id;
        if let Some(Some(size)) = self.known.get(id.index()) {
            return *size;
        }
        let Some(definition) = self.resolve.types.get(id) else {
            return 0;
        };
        let size = match &definition.name {
            Some(name) => name.len() as u64 + PER_ITEM,
            None => self.content(definition),
        };
        if let Some(known) = self.known.get_mut(id.index()) {
            *known = Some(size);
        }
        size
    }

    fn content(&mut self, ty: &TypeDef) -> u64 {
        let text = |name: &str| name.len() as u64 + PER_ITEM;
        let mut size = PER_ITEM;
        let mut add = |more: u64| size = size.saturating_add(more);
        match &ty.kind {
            TypeDefKind::Record(record) => {
                for field in &record.fields {
                    add(text(&field.name) + docs(&field.docs));
                    add(self.used(&field.ty));
                }
            }
            TypeDefKind::Variant(variant) => {
                for case in &variant.cases {
                    add(text(&case.name) + docs(&case.docs));
                    add(case.ty.as_ref().map_or(0, |ty| self.used(ty)));
                }
            }
            TypeDefKind::Enum(enumeration) => {
                enumeration
                    .cases
                    .iter()
                    .for_each(|case| add(text(&case.name) + docs(&case.docs)));
            }
            TypeDefKind::Flags(flags) => {
                flags
                    .flags
                    .iter()
                    .for_each(|flag| add(text(&flag.name) + docs(&flag.docs)));
            }
            TypeDefKind::Tuple(tuple) => tuple.types.iter().for_each(|ty| add(self.used(ty))),
            TypeDefKind::Option(ty)
            | TypeDefKind::List(ty)
            | TypeDefKind::FixedLengthList(ty, _)
            | TypeDefKind::Type(ty) => add(self.used(ty)),
            TypeDefKind::Map(key, value) => {
                add(self.used(key));
                add(self.used(value));
            }
            TypeDefKind::Result(result) => {
                result
                    .ok
                    .iter()
                    .chain(&result.err)
                    .for_each(|ty| add(self.used(ty)));
            }
            TypeDefKind::Future(ty) | TypeDefKind::Stream(ty) => {
                add(ty.as_ref().map_or(0, |ty| self.used(ty)));
            }
            TypeDefKind::Handle(_) | TypeDefKind::Resource | TypeDefKind::Unknown => {
                add(2 * PER_ITEM)
            }
        }
        size
    }
}
