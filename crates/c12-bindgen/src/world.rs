//! A world that a plugin provides.

// Ids are asked of the arenas that gave them.
#![allow(clippy::indexing_slicing)]

mod read;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use wit_parser::{Handle, InterfaceId, Resolve, Type, TypeDef, TypeDefKind, TypeId};

use crate::Error;
use crate::layout::{Layout, Layouts, Struct, Union};

/// A world with all that it exports, checked: every type in it has a form in the ABI.
#[derive(Debug, Clone)]
pub struct World {
    resolve: Resolve,
    name: String,
    package: String,
    docs: Option<String>,
    wit: String,
    interfaces: Vec<Interface>,
    pub(crate) resources: HashMap<TypeId, usize>,
    layouts: Layouts,
    files: Vec<PathBuf>,
}

/// Functions and types under one name.
#[derive(Debug, Clone)]
pub struct Interface {
    /// As guests import it: `example:text/tools@1.0.0`, or the name alone if the world gives it one. `None` is the
    /// world itself: what it exports and declares outside of any interface.
    pub name: Option<String>,
    /// Whether the world exports it. If not, there are only types.
    pub exported: bool,
    /// The parts of its name, for names in other languages: `example`, `text`, `tools`. Those of packages that
    /// are there in several versions have the version. Empty for the world.
    pub path: Vec<String>,
    /// What the WIT says of it.
    pub docs: Option<String>,
    /// The types that it declares, in an order in which each is declared before it is used. Types that it only
    /// uses from other interfaces are aliases among them.
    pub types: Vec<TypeId>,
    /// What it exports, and an end for each resource.
    pub functions: Vec<Function>,
    pub(crate) id: Option<InterfaceId>,
}

/// A function of a world.
#[derive(Debug, Clone)]
pub struct Function {
    /// As the component model names it: `reverse`, `[method]table.insert`, `[resource-drop]table`.
    pub name: String,
    /// The name without the resource: `reverse`, `insert`; `constructor` and `drop` for those.
    pub item: String,
    /// What it belongs to.
    pub kind: Kind,
    /// Names and types; a method's `self` is the first. That of [`Kind::Drop`] is not here: its type is
    /// nowhere in the WIT. It gets one resource.
    pub params: Vec<(String, Type)>,
    /// What it returns.
    pub result: Option<Type>,
    /// What the WIT says of it.
    pub docs: Option<String>,
}

/// What a function belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No resource.
    Free,
    /// Makes a resource.
    Constructor(TypeId),
    /// Works on a resource.
    Method(TypeId),
    /// Is called in the name of a resource's type.
    Static(TypeId),
    /// Ends a resource. The WIT does not say so; every resource has it.
    Drop(TypeId),
}

impl Kind {
    /// The resource that it belongs to.
    pub fn resource(self) -> Option<TypeId> {
        match self {
            Kind::Free => None,
            Kind::Constructor(id) | Kind::Method(id) | Kind::Static(id) | Kind::Drop(id) => {
                Some(id)
            }
        }
    }
}

impl World {
    /// Reads a world from a WIT file, or from a folder of WIT files with its dependencies in `deps`.
    ///
    /// `world` may be left out if the package has only one.
    ///
    /// # Errors
    ///
    /// Whatever makes it no world for a plugin; see [`Error`].
    pub fn from_path(path: &Path, world: Option<&str>) -> Result<Self, Error> {
        read::from_path(path, world)
    }

    /// Reads a world from the text of a package, with the packages that it uses in nested form. `origin` is what
    /// errors call the text.
    ///
    /// # Errors
    ///
    /// As for [`from_path`](Self::from_path).
    pub fn from_text(origin: &str, text: &str, world: Option<&str>) -> Result<Self, Error> {
        read::from_text(origin, text, world)
    }

    /// Its name within its package.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The package that it is in, with its version.
    pub fn package(&self) -> &str {
        &self.package
    }

    /// What the WIT says of it.
    pub fn docs(&self) -> Option<&str> {
        self.docs.as_deref()
    }

    /// It and all that it needs as one text, for the description of a plugin.
    pub fn wit(&self) -> &str {
        &self.wit
    }

    /// What it exports and uses, each after what it uses itself. One of them is the world itself.
    pub fn interfaces(&self) -> &[Interface] {
        &self.interfaces
    }

    /// All functions with their interfaces, in the order of the table.
    pub fn functions(&self) -> impl Iterator<Item = (&Interface, &Function)> {
        self.interfaces
            .iter()
            .flat_map(|interface| interface.functions.iter().map(move |f| (interface, f)))
    }

    /// The files it was read from.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }

    /// The types, for what the rest of this does not say.
    pub fn resolve(&self) -> &Resolve {
        &self.resolve
    }

    /// The declaration of a type.
    pub fn def(&self, id: TypeId) -> &TypeDef {
        &self.resolve.types[id]
    }

    /// A type's structure, through all aliases. `None` for those that are built in.
    pub fn kind(&self, ty: &Type) -> Option<(TypeId, &TypeDefKind)> {
        match self.dealias(ty) {
            Type::Id(id) => Some((id, &self.def(id).kind)),
            _ => None,
        }
    }

    /// The type that an alias stands for.
    pub fn dealias(&self, ty: &Type) -> Type {
        let mut ty = *ty;
        while let Type::Id(id) = ty
            && let TypeDefKind::Type(target) = &self.def(id).kind
        {
            ty = *target;
        }
        ty
    }

    /// The resource that a handle is for, through all aliases, and whether the handle owns it.
    pub fn resource(&self, handle: &Handle) -> (TypeId, bool) {
        let (id, own) = match handle {
            Handle::Own(id) => (*id, true),
            Handle::Borrow(id) => (*id, false),
        };
        match self.dealias(&Type::Id(id)) {
            Type::Id(id) => (id, own),
            _ => (id, own),
        }
    }

    /// The interface that declares a resource.
    pub fn resource_interface(&self, resource: TypeId) -> Option<&Interface> {
        self.interfaces.get(*self.resources.get(&resource)?)
    }

    /// The interface that declares a type; `None` for types without a name.
    pub fn type_interface(&self, id: TypeId) -> Option<&Interface> {
        self.interfaces
            .iter()
            .find(|interface| interface.types.contains(&id))
    }

    /// The layout of a type of this world.
    pub fn layout(&self, ty: &Type) -> Layout {
        self.layouts.of(ty)
    }

    /// The struct of some fields of types of this world.
    pub fn fields<'a>(&self, types: impl IntoIterator<Item = &'a Type>) -> Struct {
        self.layouts.fields(types)
    }

    /// The struct in which a function gets its arguments.
    pub fn arguments(&self, function: &Function) -> Struct {
        if let Kind::Drop(_) = function.kind {
            return Struct {
                layout: Layout { size: 8, align: 8 },
                offsets: vec![0],
            };
        }
        self.fields(function.params.iter().map(|(_, ty)| ty))
    }

    /// The union of a variant, an option or a result of this world; `None` for other types.
    pub fn union(&self, ty: &Type) -> Option<Union> {
        use wit_parser::Int;
        Some(match self.kind(ty)?.1 {
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter().map(|case| case.ty.as_ref());
                self.layouts.union(variant.tag(), cases)
            }
            TypeDefKind::Option(some) => self.layouts.union(Int::U8, [None, Some(some)]),
            TypeDefKind::Result(result) => {
                let cases = [result.ok.as_ref(), result.err.as_ref()];
                self.layouts.union(Int::U8, cases)
            }
            _ => return None,
        })
    }
}
