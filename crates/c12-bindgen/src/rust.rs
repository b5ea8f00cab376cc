//! Rust: types, traits to implement, and the functions behind the table.
//!
//! The text is for the macro `generate!` of `c12-plugin`. It refers to that crate as `::c12_plugin`.
//!
//! A world becomes
//!
//! - a module `exports::namespace::package::interface` for each interface that it exports, with the types, a trait
//!   `Guest` for its functions, and a trait `GuestTable` for each resource `table`;
//! - a module `namespace::package::interface` for each that it only takes types from;
//! - a trait `Guest` for functions of the world itself;
//! - the table, in the hidden module `__c12_world`.

mod glue;
mod signatures;
mod tree;
mod types;
mod values;

use std::collections::HashMap;

use wit_parser::{TypeDefKind, TypeId};

use crate::names::{Scope, rust_type, rust_value};
use crate::writer::Writer;
use crate::{Error, Interface, Options, World};

/// The module of the table.
const GLUE: &str = "__c12_world";
/// The module of what the world itself declares; all of it is as good as where the macro is called.
const ROOT: &str = "__c12_root";

/// Writes the bindings for the module that the macro is called in.
///
/// # Errors
///
/// [`Error::NotThere`] for a wrong name in the options, [`Error::Unsupported`] for what Rust has no form for.
pub fn bindings(world: &World, options: &Options) -> Result<String, Error> {
    options.blocking.check(world)?;
    let names = Names::of(world);
    let mut tree = tree::Tree::default();
    for (place, interface) in world.interfaces().iter().enumerate() {
        let module = module(interface);
        let context = Context {
            world,
            names: &names,
            module: &module,
        };
        let mut writer = Writer::default();
        values::write(&context, interface, &mut writer)?;
        signatures::write(&context, interface, place, &mut writer);
        tree.add(&module, writer.finish());
    }
    let module = [GLUE.to_owned()];
    let context = Context {
        world,
        names: &names,
        module: &module,
    };
    tree.add(&module, glue::write(&context, options)?);
    Ok(tree.write())
}

/// Where the items of an interface are, from where the macro is called.
fn module(interface: &Interface) -> Vec<String> {
    if interface.name.is_none() {
        return vec![ROOT.to_owned()];
    }
    interface
        .exported
        .then(|| "exports".to_owned())
        .into_iter()
        .chain(interface.path.iter().map(|part| rust_value(part)))
        .collect()
}

/// Where text is written, and what things are called.
struct Context<'w> {
    world: &'w World,
    names: &'w Names,
    module: &'w [String],
}

impl Context<'_> {
    /// An item of another interface's module, from here.
    fn path(&self, interface: &Interface, item: &str) -> String {
        let target = module(interface);
        if target == self.module {
            return item.to_owned();
        }
        let mut path = "super::".repeat(self.module.len());
        for part in target {
            path.push_str(&part);
            path.push_str("::");
        }
        path.push_str(item);
        path
    }
}

/// What the types of a world are called.
struct Names {
    types: HashMap<TypeId, String>,
}

impl Names {
    fn of(world: &World) -> Self {
        let mut types = HashMap::new();
        for interface in world.interfaces() {
            let mut scope = Scope::with(["Guest"]);
            let resources = interface
                .types
                .iter()
                .filter(|id| world.def(**id).kind == TypeDefKind::Resource);
            for id in resources {
                let name = rust_type(world.def(*id).name.as_deref().unwrap_or_default());
                scope.take(format!("Guest{name}"));
                types.insert(*id, name);
            }
            for id in &interface.types {
                let def = world.def(*id);
                if def.kind != TypeDefKind::Resource {
                    let name = rust_type(def.name.as_deref().unwrap_or_default());
                    types.insert(*id, scope.take(name));
                }
            }
        }
        Names { types }
    }

    /// A type's name, without its module.
    fn ty(&self, id: TypeId) -> &str {
        self.types.get(&id).map_or("", String::as_str)
    }
}

/// Documentation as an attribute.
fn docs(writer: &mut Writer, docs: Option<&str>) {
    for line in docs.unwrap_or_default().trim().lines() {
        writer.line(format!("#[doc = {:?}]", format!(" {}", line.trim_end())));
    }
}
