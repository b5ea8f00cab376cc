//! What a plugin provides, as its WIT says.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use wit_parser::{Handle, InterfaceId, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldItem};

use super::shape::{Flat, Kind, Number, Resource, Shape, Sort};
use crate::plugin::Provided;

/// The exports of a WIT world: what a plugin with that world provides.
#[derive(Debug)]
pub(crate) struct World {
    /// Interfaces, and the functions outside of any under an empty name.
    pub(crate) interfaces: Vec<Interface>,
    /// All resources; [`Resource`] is the position here.
    pub(crate) resources: Vec<ResourceType>,
}

#[derive(Debug)]
pub(crate) struct Interface {
    /// With its version; empty for the world's own functions.
    pub(crate) name: String,
    pub(crate) functions: Vec<Function>,
    /// The resources that have a name here.
    pub(crate) resources: Vec<(String, Resource)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Function {
    /// As the component model names it: `f`, `[method]r.f`.
    pub(crate) name: String,
    /// All parameters in order, as one tuple.
    pub(crate) arguments: Arc<Shape>,
    pub(crate) result: Option<Arc<Shape>>,
}

/// More core values than these are passed in memory (Canonical ABI, `MAX_FLAT_PARAMS`, `MAX_FLAT_RESULTS`).
const MOST_PASSED: usize = 16;
const MOST_RETURNED: usize = 1;

impl Function {
    pub(crate) fn new(name: &str, parameters: Vec<Shape>, result: Option<Shape>) -> Self {
        Function {
            name: name.to_owned(),
            arguments: Arc::new(Shape::tuple(parameters)),
            result: result.map(Arc::new),
        }
    }

    /// The shapes of the parameters, in order.
    pub(crate) fn parameters(&self) -> impl ExactSizeIterator<Item = &Shape> {
        let fields = match &self.arguments.kind {
            Kind::Record(fields) => fields.as_ref(),
            _ => &[],
        };
        fields.iter().map(|field| &field.shape)
    }

    /// The core values that the arguments are passed as; `None` if they are passed in memory.
    pub(crate) fn passed(&self) -> Option<&[Flat]> {
        Some(self.arguments.flat.as_slice()).filter(|flat| flat.len() <= MOST_PASSED)
    }

    /// Whether numbers alone are passed and returned, as core values.
    pub(crate) fn is_direct(&self) -> bool {
        let simple = |shape: &Shape| !shape.allocates && !shape.handles;
        simple(&self.arguments)
            && self.result.as_deref().is_none_or(simple)
            && self.passed().is_some()
            && self.returned().is_some()
    }

    /// The core value that the result is returned as, if there is a result; `None` if it is stored in memory.
    pub(crate) fn returned(&self) -> Option<&[Flat]> {
        let flat = self.result.as_ref().map_or(&[][..], |shape| &shape.flat);
        Some(flat).filter(|flat| flat.len() <= MOST_RETURNED)
    }
}

#[derive(Debug)]
pub(crate) struct ResourceType {
    /// The interface that defines it.
    pub(crate) interface: String,
    pub(crate) name: String,
    /// Different for every resource of every plugin in this process.
    pub(crate) identity: u32,
}

/// Why a WIT text does not say what a plugin provides.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorldError {
    /// The text is not WIT, or names what is not there.
    #[error("its WIT is not valid: {0}")]
    Syntax(String),
    /// The world asks for something.
    #[error("its world imports `{0}`; a plugin's world can only export")]
    Imports(String),
    /// A type that cannot cross.
    #[error("`{function}` uses {what}, which plugins cannot pass")]
    Unsupported {
        /// The function.
        function: String,
        /// The kind of type.
        what: String,
    },
    /// There is nothing in it.
    #[error("its world exports nothing")]
    Empty,
}

static IDENTITY: AtomicU32 = AtomicU32::new(1);

/// A number that no resource of any plugin had before.
pub(super) fn identity() -> u32 {
    IDENTITY.fetch_add(1, Ordering::Relaxed)
}

impl Interface {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Interface {
            name: name.into(),
            functions: Vec::new(),
            resources: Vec::new(),
        }
    }
}

impl World {
    /// What was read: the interfaces, and the functions outside of any.
    ///
    /// # Errors
    ///
    /// [`WorldError::Empty`] if there is no function in it.
    pub(super) fn new(
        mut interfaces: Vec<Interface>,
        own: Interface,
        resources: Vec<ResourceType>,
    ) -> Result<Self, WorldError> {
        if !own.functions.is_empty() {
            interfaces.push(own);
        }
        if interfaces.iter().all(|known| known.functions.is_empty()) {
            return Err(WorldError::Empty);
        }
        Ok(World {
            interfaces,
            resources,
        })
    }

    /// Reads a WIT text with one package at its top, and packages that it uses in nested form.
    pub(crate) fn parse(text: &str, world: Option<&str>) -> Result<Self, WorldError> {
        let syntax = |error: &dyn std::fmt::Display| WorldError::Syntax(format!("{error:#}"));
        let mut resolve = Resolve::default();
        let package = resolve
            .push_source("plugin.wit", text)
            .map_err(|error| syntax(&error))?;
        let world = resolve
            .select_world(&[package], world)
            .map_err(|error| syntax(&error))?;
        Reader {
            resolve: &resolve,
            resources: Vec::new(),
            known: HashMap::new(),
        }
        .world(world)
    }

    pub(crate) fn interface(&self, name: &str) -> Option<&Interface> {
        self.interfaces.iter().find(|known| known.name == name)
    }

    /// What it offers: each interface to components under its name, and to core modules as a module of that name.
    pub(crate) fn provides(&self) -> Vec<Provided> {
        let mut provided = Vec::new();
        for interface in &self.interfaces {
            let names = interface
                .functions
                .iter()
                .map(|function| function.name.clone());
            if interface.name.is_empty() {
                provided.extend(names.clone().map(Provided::interface));
                provided.push(Provided::module_of(ROOT_MODULE, names));
            } else {
                provided.push(Provided::interface(&interface.name));
                let drops = interface.resources.iter().map(|(name, _)| drop_of(name));
                provided.push(Provided::module_of(&interface.name, names.chain(drops)));
            }
        }
        provided
    }
}

/// The module name under which core modules import the functions outside of interfaces.
pub(crate) const ROOT_MODULE: &str = "$root";

/// What the function that drops a resource is called in core modules, and in tables of native plugins.
pub(crate) fn drop_of(resource: &str) -> String {
    format!("[resource-drop]{resource}")
}

struct Reader<'a> {
    resolve: &'a Resolve,
    resources: Vec<ResourceType>,
    known: HashMap<TypeId, Resource>,
}

impl Reader<'_> {
    fn world(mut self, id: wit_parser::WorldId) -> Result<World, WorldError> {
        let resolve = self.resolve;
        let world = resolve
            .worlds
            .get(id)
            .ok_or_else(|| WorldError::Syntax("there is no world".into()))?;
        for (key, item) in &world.imports {
            let only_types = match item {
                WorldItem::Interface { id, .. } => resolve
                    .interfaces
                    .get(*id)
                    .is_some_and(|interface| interface.functions.is_empty()),
                WorldItem::Type { .. } => true,
                WorldItem::Function(_) => false,
            };
            if !only_types {
                return Err(WorldError::Imports(resolve.name_world_key(key)));
            }
        }
        let mut own = Interface::new("");
        let mut interfaces = Vec::new();
        for (key, item) in &world.exports {
            let name = resolve.name_world_key(key);
            match item {
                WorldItem::Interface { id, .. } => interfaces.push(self.interface(name, *id)?),
                WorldItem::Function(function) => own.functions.push(self.function(function)?),
                WorldItem::Type { .. } => {}
            }
        }
        World::new(interfaces, own, self.resources)
    }

    fn interface(&mut self, name: String, id: InterfaceId) -> Result<Interface, WorldError> {
        let resolve = self.resolve;
        let Some(interface) = resolve.interfaces.get(id) else {
            return Err(WorldError::Syntax(format!(
                "there is no interface `{name}`"
            )));
        };
        let mut resources = Vec::new();
        for (type_name, id) in &interface.types {
            if let Some(resource) = self.named_resource(*id) {
                resources.push((type_name.clone(), resource));
                // Interfaces that a world defines in place have no name but the world's.
                if let Some(ty) = self.resources.get_mut(resource.0 as usize)
                    && ty.interface.is_empty()
                {
                    ty.interface.clone_from(&name);
                }
            }
        }
        let functions = interface
            .functions
            .values()
            .map(|function| self.function(function))
            .collect::<Result<_, _>>()?;
        Ok(Interface {
            name,
            functions,
            resources,
        })
    }

    fn function(&mut self, function: &wit_parser::Function) -> Result<Function, WorldError> {
        let unsupported = |what: String| WorldError::Unsupported {
            function: function.name.clone(),
            what,
        };
        if function.kind.is_async() {
            return Err(unsupported("async".into()));
        }
        let mut parameters = Vec::new();
        for parameter in &function.params {
            parameters.push(self.shape(&parameter.ty).map_err(unsupported)?);
        }
        let result = self
            .optional(function.result.as_ref())
            .map_err(unsupported)?;
        Ok(Function::new(&function.name, parameters, result))
    }

    fn shape(&mut self, ty: &Type) -> Result<Shape, String> {
        Ok(match ty {
            Type::Bool => Shape::bool(),
            Type::U8 => Shape::number(Number::U8),
            Type::S8 => Shape::number(Number::S8),
            Type::U16 => Shape::number(Number::U16),
            Type::S16 => Shape::number(Number::S16),
            Type::U32 => Shape::number(Number::U32),
            Type::S32 => Shape::number(Number::S32),
            Type::U64 => Shape::number(Number::U64),
            Type::S64 => Shape::number(Number::S64),
            Type::F32 => Shape::number(Number::F32),
            Type::F64 => Shape::number(Number::F64),
            Type::Char => Shape::char(),
            Type::String => Shape::string(),
            Type::ErrorContext => return Err("an error-context".into()),
            Type::Id(id) => return self.defined(*id),
        })
    }

    fn defined(&mut self, id: TypeId) -> Result<Shape, String> {
        let resolve = self.resolve;
        let Some(ty) = resolve.types.get(id) else {
            return Err("a type that is not there".into());
        };
        let names = |names: Vec<&String>| -> Box<[Box<str>]> {
            names.into_iter().map(|name| name.as_str().into()).collect()
        };
        Ok(match &ty.kind {
            TypeDefKind::Type(ty) => self.shape(ty)?,
            TypeDefKind::Record(record) if record.fields.is_empty() => {
                return Err("an empty record".into());
            }
            TypeDefKind::Flags(flags) if flags.flags.is_empty() => {
                return Err("flags without a flag".into());
            }
            TypeDefKind::Record(record) => {
                let mut fields = Vec::new();
                for field in &record.fields {
                    fields.push((field.name.as_str().into(), self.shape(&field.ty)?));
                }
                Shape::record(fields)
            }
            TypeDefKind::Tuple(tuple) => {
                let elements: Vec<Shape> = tuple
                    .types
                    .iter()
                    .map(|ty| self.shape(ty))
                    .collect::<Result<_, _>>()?;
                Shape::tuple(elements)
            }
            TypeDefKind::Variant(variant) => {
                let mut cases: Vec<(Box<str>, Option<Shape>)> = Vec::new();
                for case in &variant.cases {
                    cases.push((case.name.as_str().into(), self.optional(case.ty.as_ref())?));
                }
                Shape::variant(Sort::Variant, cases)
            }
            TypeDefKind::Enum(cases) => Shape::variant(
                Sort::Enum,
                cases
                    .cases
                    .iter()
                    .map(|case| (case.name.as_str().into(), None)),
            ),
            TypeDefKind::Option(ty) => Shape::option(self.shape(ty)?),
            TypeDefKind::Result(result) => Shape::result(
                self.optional(result.ok.as_ref())?,
                self.optional(result.err.as_ref())?,
            ),
            TypeDefKind::List(ty) => Shape::list(self.shape(ty)?),
            TypeDefKind::Flags(flags) if flags.flags.len() > 32 => {
                return Err("more than 32 flags".into());
            }
            TypeDefKind::Flags(flags) => {
                Shape::flags(names(flags.flags.iter().map(|flag| &flag.name).collect()))
            }
            TypeDefKind::Handle(Handle::Own(id)) => Shape::own(self.resource(*id)),
            TypeDefKind::Handle(Handle::Borrow(id)) => Shape::borrow(self.resource(*id)),
            other => return Err(format!("a {}", other.as_str())),
        })
    }

    fn optional(&mut self, ty: Option<&Type>) -> Result<Option<Shape>, String> {
        ty.map(|ty| self.shape(ty)).transpose()
    }

    /// The resource that a type of an interface is, or stands for.
    fn named_resource(&mut self, id: TypeId) -> Option<Resource> {
        let definition = self.definition(id);
        let ty = self.resolve.types.get(definition)?;
        matches!(ty.kind, TypeDefKind::Resource).then(|| self.resource(definition))
    }

    /// Follows `use` and `type` to where a type is defined.
    fn definition(&self, id: TypeId) -> TypeId {
        let mut id = id;
        while let Some(TypeDefKind::Type(Type::Id(next))) =
            self.resolve.types.get(id).map(|ty| &ty.kind)
        {
            id = *next;
        }
        id
    }

    fn resource(&mut self, id: TypeId) -> Resource {
        let id = self.definition(id);
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        let resource = Resource(self.resources.len() as u32);
        let (name, interface) = match self.resolve.types.get(id) {
            Some(ty) => {
                let interface = match ty.owner {
                    TypeOwner::Interface(owner) => self.resolve.id_of(owner),
                    _ => None,
                };
                (ty.name.clone(), interface)
            }
            None => (None, None),
        };
        self.resources.push(ResourceType {
            interface: interface.unwrap_or_default(),
            name: name.unwrap_or_default(),
            identity: identity(),
        });
        self.known.insert(id, resource);
        resource
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_world_exports() {
        let world = World::parse(
            r"package example:db@1.2.0;
            interface types { record row { id: u64, name: string } }
            interface sql {
                use types.{row};
                resource connection {
                    constructor(url: string);
                    query: func(text: string) -> result<list<row>, string>;
                }
            }
            world plugin { export sql; export version: func() -> string; }",
            None,
        )
        .unwrap();
        let names: Vec<&str> = world
            .interfaces
            .iter()
            .map(|known| known.name.as_str())
            .collect();
        assert_eq!(names, ["example:db/sql@1.2.0", ""]);
        let sql = world.interface("example:db/sql@1.2.0").unwrap();
        assert_eq!(sql.resources, [("connection".to_owned(), Resource(0))]);
        let functions: Vec<&str> = sql
            .functions
            .iter()
            .map(|known| known.name.as_str())
            .collect();
        assert_eq!(
            functions,
            ["[constructor]connection", "[method]connection.query"]
        );
        let query = &sql.functions[1];
        assert_eq!(
            query.result.as_ref().unwrap().to_string(),
            "result<list<record { id: u64, name: string }>, string>"
        );
        let parameters: Vec<String> = query.parameters().map(ToString::to_string).collect();
        assert_eq!(parameters, ["borrow<resource>", "string"]);
    }

    #[test]
    fn refuses_what_cannot_cross() {
        let parse = |text: &str| World::parse(text, None).unwrap_err().to_string();
        assert!(parse("package a:b; world w {").starts_with("its WIT is not valid"));
        for text in [
            "package a:b;\nworld w { \u{1b}[31m }",
            "package a:b;\n// \u{1b}[31m\nworld w {",
            "package a:b; world w { export \u{202e}f: func(); }",
        ] {
            let said = parse(text);
            assert!(!said.contains(['\u{1b}', '\u{202e}']), "{said:?}");
        }
        assert_eq!(
            parse("package a:b; world w {}"),
            "its world exports nothing"
        );
        assert_eq!(
            parse("package a:b; world w { export f: func(s: stream<u8>); }"),
            "`f` uses a stream, which plugins cannot pass"
        );
        assert_eq!(
            parse("package a:b; world w { import g: func(); export f: func(); }"),
            "its world imports `g`; a plugin's world can only export"
        );
    }
}
