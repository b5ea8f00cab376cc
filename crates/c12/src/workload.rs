//! Code that is ready to be linked.

use std::sync::Arc;

use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;
use wasmtime::{ExternType, Module};

use crate::engine::{Engine, Flavour};
use crate::plugin::ImportName;
use crate::wit;

/// A loaded module or component. Cheap to clone, and shared by all its instances.
#[derive(Clone)]
pub struct Workload(Arc<Inner>);

struct Inner {
    name: String,
    engine: Engine,
    flavour: Flavour,
    code: Code,
}

pub(crate) enum Code {
    Module(Module),
    Component(Component),
}

impl Code {
    pub(crate) fn engine(&self) -> &wasmtime::Engine {
        match self {
            Code::Module(module) => module.engine(),
            Code::Component(component) => component.engine(),
        }
    }
}

/// What a workload does when it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Role {
    /// A module with `_start`: a WASI 0.1 command, or a program of its own.
    ModuleCommand,
    /// A component that exports `wasi:cli/run@0.2`.
    Command,
    /// A component that exports `wasi:cli/run@0.3`.
    AsyncCommand,
    /// A component that answers HTTP requests (`wasi:http/incoming-handler@0.2` or `wasi:http/handler@0.3`).
    HttpHandler,
    /// Functions to be called by name.
    Library,
}

/// A function of a workload that can be called by name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Callable {
    /// The exported interface it is in, for components that export interfaces.
    pub interface: Option<String>,
    /// Its own name.
    pub name: String,
    /// Parameters and results, in WIT notation for components and in WebAssembly types for modules.
    pub signature: String,
}

impl Callable {
    /// `interface#function`, or the function alone.
    pub fn path(&self) -> String {
        match &self.interface {
            Some(interface) => format!("{interface}#{}", self.name),
            None => self.name.clone(),
        }
    }
}

impl std::fmt::Debug for Workload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Workload")
            .field("name", &self.0.name)
            .field("role", &self.role())
            .finish_non_exhaustive()
    }
}

impl Workload {
    pub(crate) fn new(name: &str, engine: Engine, flavour: Flavour, code: Code) -> Self {
        Workload(Arc::new(Inner {
            name: name.to_owned(),
            engine,
            flavour,
            code,
        }))
    }

    /// What it is called in messages.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The engine that loaded it.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// Whether it is a component.
    pub fn is_component(&self) -> bool {
        matches!(self.0.code, Code::Component(_))
    }

    /// What it does when it is run.
    pub fn role(&self) -> Role {
        match &self.0.code {
            Code::Module(module) => match module.get_export("_start") {
                Some(ExternType::Func(_)) => Role::ModuleCommand,
                _ => Role::Library,
            },
            Code::Component(component) => {
                let ty = component.component_type();
                let mut role = Role::Library;
                for (name, _) in ty.exports(component.engine()) {
                    let (interface, version) = name.split_once('@').unwrap_or((name, ""));
                    match interface {
                        "wasi:cli/run" if version.starts_with("0.2") => return Role::Command,
                        "wasi:cli/run" if version.starts_with("0.3") => role = Role::AsyncCommand,
                        "wasi:http/incoming-handler" | "wasi:http/handler"
                            if role == Role::Library =>
                        {
                            role = Role::HttpHandler
                        }
                        _ => {}
                    }
                }
                role
            }
        }
    }

    /// What must be provided before it can be instantiated: interfaces, and functions outside of interfaces.
    pub fn imports(&self) -> Vec<ImportName> {
        let mut imports: Vec<ImportName> = Vec::new();
        match &self.0.code {
            Code::Module(module) => {
                for import in module.imports() {
                    if !imports
                        .iter()
                        .any(|known| known.as_str() == import.module())
                    {
                        imports.push(ImportName::module(import.module()));
                    }
                }
            }
            Code::Component(component) => {
                for (name, item) in component.component_type().imports(component.engine()) {
                    // Types only name what other imports use; there is nothing to provide.
                    let only_types = match &item.ty {
                        ComponentItem::Type(_) => true,
                        ComponentItem::ComponentInstance(instance) => instance
                            .exports(component.engine())
                            .all(|(_, item)| matches!(item.ty, ComponentItem::Type(_))),
                        _ => false,
                    };
                    if !only_types {
                        imports.push(ImportName::component(name));
                    }
                }
            }
        }
        imports
    }

    /// The functions that are asked for under an import; empty for a function outside of any interface.
    pub fn imported_functions(&self, import: &ImportName) -> Vec<String> {
        match &self.0.code {
            Code::Module(module) => {
                let asked = module
                    .imports()
                    .filter(|asked| asked.module() == import.as_str());
                asked.map(|asked| asked.name().to_owned()).collect()
            }
            Code::Component(component) => {
                let ty = component.component_type();
                let Some(item) = ty.get_import(component.engine(), import.as_str()) else {
                    return Vec::new();
                };
                let ComponentItem::ComponentInstance(instance) = item.ty else {
                    return Vec::new();
                };
                let functions = instance.exports(component.engine());
                functions
                    .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)))
                    .map(|(name, _)| name.to_owned())
                    .collect()
            }
        }
    }

    /// The functions that can be called by name.
    pub fn callables(&self) -> Vec<Callable> {
        match &self.0.code {
            Code::Module(module) => module
                .exports()
                .filter_map(|export| match export.ty() {
                    ExternType::Func(ty) => Some(Callable {
                        interface: None,
                        name: export.name().to_owned(),
                        signature: module_signature(&ty),
                    }),
                    _ => None,
                })
                .collect(),
            Code::Component(component) => component_callables(component),
        }
    }

    /// The component, if it is one.
    pub(crate) fn component(&self) -> Option<&wasmtime::component::Component> {
        match &self.0.code {
            Code::Component(component) => Some(component),
            Code::Module(_) => None,
        }
    }

    pub(crate) fn code(&self) -> &Code {
        &self.0.code
    }

    pub(crate) fn flavour(&self) -> Flavour {
        self.0.flavour
    }
}

fn component_callables(component: &Component) -> Vec<Callable> {
    let engine = component.engine();
    let mut callables = Vec::new();
    for (name, item) in component.component_type().exports(engine) {
        match item.ty {
            ComponentItem::ComponentFunc(ty) => {
                callables.push(Callable {
                    interface: None,
                    name: name.to_owned(),
                    signature: wit::signature(&ty),
                });
            }
            ComponentItem::ComponentInstance(instance) => {
                for (function, item) in instance.exports(engine) {
                    if let ComponentItem::ComponentFunc(ty) = item.ty {
                        callables.push(Callable {
                            interface: Some(name.to_owned()),
                            name: function.to_owned(),
                            signature: wit::signature(&ty),
                        });
                    }
                }
            }
            _ => {}
        }
    }
    callables
}

fn module_signature(ty: &wasmtime::FuncType) -> String {
    let list = |types: Vec<String>| types.join(", ");
    let params = list(ty.params().map(|ty| ty.to_string()).collect());
    let results = list(ty.results().map(|ty| ty.to_string()).collect());
    match ty.results().len() {
        0 => format!("({params})"),
        1 => format!("({params}) -> {results}"),
        _ => format!("({params}) -> ({results})"),
    }
}
