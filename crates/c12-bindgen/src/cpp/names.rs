use std::collections::{HashMap, HashSet};

use wit_parser::{Type, TypeDefKind, TypeId};

use super::world_namespace;
use crate::names::{Scope, c_value, snake};
use crate::{Interface, Kind, World};

/// What things are called in C++.
pub(super) struct Names<'w> {
    world: &'w World,
    /// With their namespaces: `::example::text::tools::point`.
    types: HashMap<TypeId, String>,
    bare: HashMap<TypeId, String>,
    functions: HashMap<(usize, usize), String>,
}

impl<'w> Names<'w> {
    pub(super) fn of(world: &'w World) -> Self {
        let mut names = Names {
            world,
            types: HashMap::new(),
            bare: HashMap::new(),
            functions: HashMap::new(),
        };
        for (place, interface) in world.interfaces().iter().enumerate() {
            let mut scope = Scope::with(["guest", "has", "world"]);
            for id in &interface.types {
                let name = world.def(*id).name.as_deref().unwrap_or_default();
                let name = scope.take(c_value(name));
                let full = format!("::{}::{name}", names.namespace(interface));
                names.types.insert(*id, full);
                names.bare.insert(*id, name);
            }
            names.name_functions(place, interface);
        }
        names
    }

    /// Methods are in the class of their resource, all else in `guest`.
    fn name_functions(&mut self, place: usize, interface: &Interface) {
        let mut guest = Scope::with(["guest"]);
        let mut classes: HashMap<TypeId, Scope> = HashMap::new();
        for (number, function) in interface.functions.iter().enumerate() {
            let item = c_value(&function.item);
            let resource =
                |id: TypeId| snake(self.world.def(id).name.as_deref().unwrap_or_default());
            let name = match function.kind {
                Kind::Free => guest.take(item),
                Kind::Constructor(id) => guest.take(format!("new_{}", resource(id))),
                Kind::Static(id) => {
                    guest.take(format!("{}_{}", resource(id), snake(&function.item)))
                }
                Kind::Method(id) => {
                    let class = self.bare.get(&id).cloned().unwrap_or_default();
                    let scope = classes.entry(id).or_insert_with(|| {
                        let mut scope = Scope::default();
                        scope.take(class);
                        scope
                    });
                    scope.take(item)
                }
                Kind::Drop(_) => String::new(),
            };
            self.functions.insert((place, number), name);
        }
    }

    /// The namespace of an interface.
    pub(super) fn namespace(&self, interface: &Interface) -> String {
        if interface.name.is_none() {
            return world_namespace(self.world);
        }
        let parts: Vec<String> = interface.path.iter().map(|part| c_value(part)).collect();
        parts.join("::")
    }

    /// A function, by its interface's position and its own.
    pub(super) fn function(&self, interface: usize, function: usize) -> &str {
        self.functions
            .get(&(interface, function))
            .map_or("", String::as_str)
    }

    /// A declared type within its namespace.
    pub(super) fn bare(&self, id: TypeId) -> &str {
        self.bare.get(&id).map_or("", String::as_str)
    }

    /// A declared type from anywhere.
    pub(super) fn full(&self, id: TypeId) -> &str {
        self.types.get(&id).map_or("", String::as_str)
    }

    /// How types are written outside of their namespaces.
    pub(super) fn anywhere(&self) -> Spelling<'_> {
        Spelling {
            names: self,
            namespace: None,
            hidden: HashSet::new(),
        }
    }

    /// How types are written in the namespace of an interface, where some of their names mean something else.
    pub(super) fn within(
        &self,
        interface: &Interface,
        hidden: impl IntoIterator<Item = String>,
    ) -> Spelling<'_> {
        Spelling {
            names: self,
            namespace: Some(self.namespace(interface)),
            hidden: hidden.into_iter().collect(),
        }
    }
}

/// How types are written in a place.
pub(super) struct Spelling<'n> {
    names: &'n Names<'n>,
    namespace: Option<String>,
    hidden: HashSet<String>,
}

impl Spelling<'_> {
    /// A declared type.
    pub(super) fn declared(&self, id: TypeId) -> String {
        let full = self.names.full(id);
        let bare = self.names.bare(id);
        let here = self.namespace.as_ref().is_some_and(|namespace| {
            full.strip_prefix("::")
                .and_then(|full| full.strip_prefix(namespace.as_str()))
                .and_then(|full| full.strip_prefix("::"))
                == Some(bare)
        });
        if here && !self.hidden.contains(bare) {
            bare.to_owned()
        } else {
            full.to_owned()
        }
    }

    /// A type as results and fields have it: owned.
    pub(super) fn owned(&self, ty: &Type) -> String {
        self.write(ty, false)
    }

    /// A type as a parameter has it within others: borrowed from the host where no copy is needed.
    pub(super) fn borrowed(&self, ty: &Type) -> String {
        self.write(ty, true)
    }

    /// The resource that is lent, if a parameter is nothing but that.
    pub(super) fn lent(&self, ty: &Type) -> Option<String> {
        let world = self.names.world;
        let (_, TypeDefKind::Handle(handle)) = world.kind(ty)? else {
            return None;
        };
        match world.resource(handle) {
            (resource, false) => Some(self.declared(resource)),
            _ => None,
        }
    }

    fn write(&self, ty: &Type, borrow: bool) -> String {
        let world = self.names.world;
        let id = match world.dealias(ty) {
            Type::Bool => return "bool".into(),
            Type::U8 => return "std::uint8_t".into(),
            Type::U16 => return "std::uint16_t".into(),
            Type::U32 => return "std::uint32_t".into(),
            Type::U64 => return "std::uint64_t".into(),
            Type::S8 => return "std::int8_t".into(),
            Type::S16 => return "std::int16_t".into(),
            Type::S32 => return "std::int32_t".into(),
            Type::S64 => return "std::int64_t".into(),
            Type::F32 => return "float".into(),
            Type::F64 => return "double".into(),
            Type::Char => return "char32_t".into(),
            Type::String if borrow => return "std::string_view".into(),
            Type::String => return "std::string".into(),
            Type::ErrorContext => return "void".into(),
            Type::Id(id) => id,
        };
        match &world.def(id).kind {
            TypeDefKind::List(item) if borrow && world.plain(item) => {
                format!("c12::view<{}>", self.write(item, false))
            }
            TypeDefKind::List(item) => format!("std::vector<{}>", self.write(item, borrow)),
            TypeDefKind::Option(some) => format!("std::optional<{}>", self.write(some, borrow)),
            TypeDefKind::Result(result) => {
                let side = |ty: &Option<Type>| {
                    ty.as_ref()
                        .map_or("std::monostate".into(), |ty| self.write(ty, borrow))
                };
                format!("c12::result<{}, {}>", side(&result.ok), side(&result.err))
            }
            TypeDefKind::Tuple(tuple) => {
                let fields: Vec<String> = tuple
                    .types
                    .iter()
                    .map(|ty| self.write(ty, borrow))
                    .collect();
                format!("std::tuple<{}>", fields.join(", "))
            }
            TypeDefKind::Handle(handle) => match world.resource(handle) {
                (resource, true) => format!("std::unique_ptr<{}>", self.declared(resource)),
                (resource, false) => format!("{} *", self.declared(resource)),
            },
            _ => self.declared(id),
        }
    }
}
