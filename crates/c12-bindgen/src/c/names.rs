use std::collections::HashMap;

use wit_parser::{Type, TypeDefKind, TypeId};

use crate::names::{Scope, c_value, snake, upper};
use crate::{Interface, World};

/// What types and functions of a world are called in C.
///
/// Declared types are `example_text_tools_point_t`. Types without a name are called by what they are made of:
/// `c12_list_u8_t`, `example_text_tools_option_point_t`; the same type has the same name everywhere.
pub(super) struct Names<'w> {
    world: &'w World,
    declared: HashMap<TypeId, String>,
    anonymous: HashMap<TypeId, String>,
    functions: HashMap<(usize, usize), String>,
}

impl<'w> Names<'w> {
    pub(super) fn of(world: &'w World) -> Self {
        let mut names = Names {
            world,
            declared: HashMap::new(),
            anonymous: HashMap::new(),
            functions: HashMap::new(),
        };
        let mut scope = Scope::default();
        for interface in world.interfaces() {
            for id in &interface.types {
                let name = world.def(*id).name.as_deref().unwrap_or_default();
                let name = format!("{}{}", names.prefix(interface), snake(name));
                names.declared.insert(*id, scope.take_type(name));
            }
        }
        // Equal types have equal shapes, and a shape has one name.
        let mut shapes: HashMap<String, String> = HashMap::new();
        for id in super::types::order(world) {
            if names.declared.contains_key(&id) {
                continue;
            }
            let shape = names.shape(&Type::Id(id));
            let name = match shapes.get(&shape) {
                Some(name) => name.clone(),
                None => {
                    let name = scope.take_type(names.readable(id));
                    shapes.insert(shape, name.clone());
                    name
                }
            };
            names.anonymous.insert(id, name);
        }
        for (place, interface) in world.interfaces().iter().enumerate() {
            for (number, function) in interface.functions.iter().enumerate() {
                let mut name = names.prefix(interface);
                if let Some(resource) = function.kind.resource() {
                    let resource = world.def(resource).name.as_deref().unwrap_or_default();
                    name.push_str(&snake(resource));
                    name.push('_');
                }
                name.push_str(&snake(&function.item));
                names.functions.insert((place, number), scope.take(name));
            }
        }
        names
    }

    /// What everything in an interface begins with.
    pub(super) fn prefix(&self, interface: &Interface) -> String {
        if interface.name.is_none() {
            return format!("{}_", snake(self.world.name()));
        }
        interface
            .path
            .iter()
            .map(|part| format!("{}_", snake(part)))
            .collect()
    }

    /// A function's name, by its interface's position and its own.
    pub(super) fn function(&self, interface: usize, function: usize) -> &str {
        self.functions
            .get(&(interface, function))
            .map_or("", String::as_str)
    }

    /// The name of a declared type or of one that is made of others, without its `_t`.
    pub(super) fn bare(&self, id: TypeId) -> &str {
        self.declared
            .get(&id)
            .or_else(|| self.anonymous.get(&id))
            .map_or("", String::as_str)
    }

    /// A type as C has it.
    pub(super) fn ty(&self, ty: &Type) -> String {
        let id = match self.world.dealias(ty) {
            Type::Id(id) => id,
            other => return primitive(&other).to_owned(),
        };
        match &self.world.def(id).kind {
            // A resource is a pointer to whatever the author makes of it.
            TypeDefKind::Handle(handle) => {
                let (resource, _) = self.world.resource(handle);
                format!("{}_t *", self.bare(resource))
            }
            _ => format!("{}_t", self.bare(id)),
        }
    }

    /// A name and its type: `uint8_t *name`.
    pub(super) fn variable(&self, ty: &Type, name: &str) -> String {
        let ty = self.ty(ty);
        if ty.ends_with('*') {
            format!("{ty}{name}")
        } else {
            format!("{ty} {name}")
        }
    }

    /// What a type without a name is made of, so that equal ones are found.
    fn shape(&self, ty: &Type) -> String {
        let id = match self.world.dealias(ty) {
            Type::Id(id) => id,
            other => return word(&other).to_owned(),
        };
        let side = |ty: &Option<Type>| ty.as_ref().map_or("_".to_owned(), |ty| self.shape(ty));
        match &self.world.def(id).kind {
            TypeDefKind::List(item) => format!("list<{}>", self.shape(item)),
            TypeDefKind::Option(some) => format!("option<{}>", self.shape(some)),
            TypeDefKind::Result(result) => {
                format!("result<{},{}>", side(&result.ok), side(&result.err))
            }
            TypeDefKind::Tuple(tuple) => {
                let fields: Vec<String> = tuple.types.iter().map(|ty| self.shape(ty)).collect();
                format!("tuple<{}>", fields.join(","))
            }
            TypeDefKind::Handle(handle) => {
                let (resource, _) = self.world.resource(handle);
                format!("handle<{}>", resource.index())
            }
            _ => format!("{}", id.index()),
        }
    }

    /// A name for a type without one.
    fn readable(&self, id: TypeId) -> String {
        let mut interfaces = Vec::new();
        self.interfaces(&Type::Id(id), &mut interfaces);
        match interfaces.as_slice() {
            [] => format!("c12_{}", self.words(&Type::Id(id), None)),
            [one] => {
                let prefix = self
                    .world
                    .interfaces()
                    .get(*one)
                    .map_or_else(String::new, |interface| self.prefix(interface));
                format!("{prefix}{}", self.words(&Type::Id(id), Some(*one)))
            }
            // The names of types in it say where they are from.
            _ => format!(
                "{}_{}",
                snake(self.world.name()),
                self.words(&Type::Id(id), None)
            ),
        }
    }

    /// The interfaces that declare the types in a type without a name.
    fn interfaces(&self, ty: &Type, found: &mut Vec<usize>) {
        let Type::Id(id) = self.world.dealias(ty) else {
            return;
        };
        let mut add = |id: TypeId| {
            let place = self
                .world
                .interfaces()
                .iter()
                .position(|interface| interface.types.contains(&id));
            found.extend(place.filter(|place| !found.contains(place)));
        };
        match &self.world.def(id).kind {
            TypeDefKind::Handle(handle) => add(self.world.resource(handle).0),
            _ if self.declared.contains_key(&id) => add(id),
            _ => {
                let parts = crate::layout::parts(self.world.resolve(), id).unwrap_or_default();
                for part in parts {
                    self.interfaces(&part, found);
                }
            }
        }
    }

    /// `list_u8`, `result_u32_string`. Declared types are without the prefix of the interface `within`.
    fn words(&self, ty: &Type, within: Option<usize>) -> String {
        let id = match self.world.dealias(ty) {
            Type::Id(id) => id,
            other => return word(&other).to_owned(),
        };
        let prefix = within
            .and_then(|place| self.world.interfaces().get(place))
            .map_or_else(String::new, |interface| self.prefix(interface));
        let declared = |id: TypeId| {
            let name = self.bare(id);
            name.strip_prefix(&prefix).unwrap_or(name).to_owned()
        };
        let side = |ty: &Option<Type>| {
            ty.as_ref()
                .map_or("none".to_owned(), |ty| self.words(ty, within))
        };
        match &self.world.def(id).kind {
            TypeDefKind::List(item) => format!("list_{}", self.words(item, within)),
            TypeDefKind::Option(some) => format!("option_{}", self.words(some, within)),
            TypeDefKind::Result(result) => {
                format!("result_{}_{}", side(&result.ok), side(&result.err))
            }
            TypeDefKind::Tuple(tuple) => {
                let fields: Vec<String> = tuple
                    .types
                    .iter()
                    .map(|ty| self.words(ty, within))
                    .collect();
                format!("tuple{}_{}", fields.len(), fields.join("_"))
            }
            TypeDefKind::Handle(handle) => declared(self.world.resource(handle).0),
            _ => declared(id),
        }
    }

    /// The constant for a case or a flag.
    pub(super) fn constant(&self, ty: TypeId, name: &str) -> String {
        format!("{}_{}", self.bare(ty).to_ascii_uppercase(), upper(name))
    }
}

impl Scope {
    /// Takes the name of a type, which may not become a keyword or a function's name.
    fn take_type(&mut self, name: String) -> String {
        let name = self.take(c_value(&name));
        self.take(format!("{name}_t"));
        name
    }
}

fn primitive(ty: &Type) -> &'static str {
    match ty {
        Type::Bool | Type::U8 => "uint8_t",
        Type::U16 => "uint16_t",
        Type::U32 | Type::Char => "uint32_t",
        Type::U64 => "uint64_t",
        Type::S8 => "int8_t",
        Type::S16 => "int16_t",
        Type::S32 => "int32_t",
        Type::S64 => "int64_t",
        Type::F32 => "float",
        Type::F64 => "double",
        Type::String => "c12_string",
        Type::ErrorContext | Type::Id(_) => "void",
    }
}

fn word(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::S8 => "s8",
        Type::S16 => "s16",
        Type::S32 => "s32",
        Type::S64 => "s64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::ErrorContext | Type::Id(_) => "void",
    }
}
