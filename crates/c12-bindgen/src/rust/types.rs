//! How types are written in Rust.

use wit_parser::{Type, TypeDefKind, TypeId};

use super::Context;

/// How the author's types are reached from where a type is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Author<'a> {
    /// The type of the instance: `Self`, `Self::Instance`, `G`, `I`.
    pub(super) instance: &'a str,
    /// The resource that is `Self`.
    pub(super) this: Option<TypeId>,
    /// The lifetime of what is borrowed.
    pub(super) lifetime: &'a str,
}

impl Context<'_> {
    /// A type as results and fields have it: owned.
    pub(super) fn owned(&self, ty: &Type, author: Author<'_>) -> String {
        self.write_type(ty, author, false)
    }

    /// A type as a parameter has it: borrowed from the host where no copy is needed.
    pub(super) fn param(&self, ty: &Type, author: Author<'_>) -> String {
        self.write_type(ty, author, true)
    }

    fn write_type(&self, ty: &Type, author: Author<'_>, borrow: bool) -> String {
        let reference = match author.lifetime {
            "" => "&".to_owned(),
            lifetime => format!("&{lifetime} "),
        };
        let id = match self.world.dealias(ty) {
            Type::Bool => return "bool".into(),
            Type::U8 => return "u8".into(),
            Type::U16 => return "u16".into(),
            Type::U32 => return "u32".into(),
            Type::U64 => return "u64".into(),
            Type::S8 => return "i8".into(),
            Type::S16 => return "i16".into(),
            Type::S32 => return "i32".into(),
            Type::S64 => return "i64".into(),
            Type::F32 => return "f32".into(),
            Type::F64 => return "f64".into(),
            Type::Char => return "char".into(),
            Type::String if borrow => return format!("{reference}str"),
            Type::String => return "::std::string::String".into(),
            Type::ErrorContext => return "()".into(),
            Type::Id(id) => id,
        };
        match &self.world.def(id).kind {
            TypeDefKind::List(item) if borrow && self.world.plain(item) => {
                format!("{reference}[{}]", self.write_type(item, author, false))
            }
            TypeDefKind::List(item) => {
                format!("::std::vec::Vec<{}>", self.write_type(item, author, borrow))
            }
            TypeDefKind::Option(some) => format!(
                "::core::option::Option<{}>",
                self.write_type(some, author, borrow)
            ),
            TypeDefKind::Result(result) => {
                let side = |ty: &Option<Type>| {
                    ty.as_ref()
                        .map_or("()".into(), |ty| self.write_type(ty, author, borrow))
                };
                format!(
                    "::core::result::Result<{}, {}>",
                    side(&result.ok),
                    side(&result.err)
                )
            }
            TypeDefKind::Tuple(tuple) => {
                let fields: String = tuple
                    .types
                    .iter()
                    .map(|ty| format!("{}, ", self.write_type(ty, author, borrow)))
                    .collect();
                format!(
                    "({})",
                    if tuple.types.len() == 1 {
                        &fields
                    } else {
                        fields.trim_end_matches(", ")
                    }
                )
            }
            TypeDefKind::Handle(handle) => {
                let (resource, own) = self.world.resource(handle);
                let ty = self.resource(resource, author);
                if own {
                    format!("::c12_plugin::Own<{ty}>")
                } else {
                    format!("{reference}::core::cell::RefCell<{ty}>")
                }
            }
            _ => self.named(id, author),
        }
    }

    /// The author's type for a resource.
    pub(super) fn resource(&self, resource: TypeId, author: Author<'_>) -> String {
        if author.this == Some(resource) {
            return "Self".into();
        }
        let Some(interface) = self.world.resource_interface(resource) else {
            return "()".into();
        };
        format!(
            "<{} as {}>::{}",
            author.instance,
            self.path(interface, "Guest"),
            self.names.ty(resource)
        )
    }

    /// A declared type, with what it is generic over.
    fn named(&self, id: TypeId, author: Author<'_>) -> String {
        let name = match self.world.type_interface(id) {
            Some(interface) => self.path(interface, self.names.ty(id)),
            None => self.names.ty(id).to_owned(),
        };
        let facts = self.world.facts(&Type::Id(id));
        let lifetime = match author.lifetime {
            "" => "'_",
            lifetime => lifetime,
        };
        match (facts.borrows, facts.resources.is_empty()) {
            (true, _) => format!("{name}<{lifetime}, {}>", author.instance),
            (false, false) => format!("{name}<{}>", author.instance),
            (false, true) => name,
        }
    }

    /// The traits that the instance must have for the resources of some interfaces to be known: `a::Guest + b::Guest`.
    pub(super) fn bounds<'p>(&self, places: impl IntoIterator<Item = &'p usize>) -> String {
        let traits: Vec<String> = places
            .into_iter()
            .filter_map(|place| self.world.interfaces().get(*place))
            .map(|interface| self.path(interface, "Guest"))
            .collect();
        traits.join(" + ")
    }
}
