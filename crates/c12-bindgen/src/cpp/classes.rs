//! The classes to derive from.

use wit_parser::{TypeDefKind, TypeId};

use super::Names;
use crate::names::{Scope, c_value};
use crate::writer::Writer;
use crate::{Function, Interface, Kind, World};

pub(super) fn write(world: &World, names: &Names<'_>, interface: &Interface, writer: &mut Writer) {
    if interface.functions.is_empty() {
        return;
    }
    let place = world
        .interfaces()
        .iter()
        .position(|other| std::ptr::eq(other, interface))
        .unwrap_or_default();
    for id in &interface.types {
        if world.def(*id).kind == TypeDefKind::Resource {
            resource(world, names, interface, place, *id, writer);
        }
    }
    writer.gap();
    writer.line("/* What one instance of a guest has. Its functions are called one after another, from any thread. */");
    writer.line("class guest {");
    writer.open(" public:");
    writer.line("virtual ~guest() = default;");
    declare_all(names, interface, place, writer, |kind| {
        !matches!(kind, Kind::Method(_) | Kind::Drop(_))
    });
    writer.close("};");
}

fn resource(
    world: &World,
    names: &Names<'_>,
    interface: &Interface,
    place: usize,
    id: TypeId,
    writer: &mut Writer,
) {
    let name = names.bare(id);
    writer.gap();
    writer.c_docs(world.def(id).docs.contents.as_deref());
    writer.line(format!("class {name} {{"));
    writer.open(" public:");
    writer.line(format!("virtual ~{name}() = default;"));
    declare_all(names, interface, place, writer, |kind| {
        kind == Kind::Method(id)
    });
    writer.close("};");
}

/// The functions of one class.
fn declare_all(
    names: &Names<'_>,
    interface: &Interface,
    place: usize,
    writer: &mut Writer,
    belongs: impl Fn(Kind) -> bool,
) {
    let members: Vec<(&Function, &str)> = interface
        .functions
        .iter()
        .enumerate()
        .filter(|(_, function)| belongs(function.kind))
        .map(|(number, function)| (function, names.function(place, number)))
        .collect();
    for (function, name) in &members {
        let others = members.iter().map(|(_, name)| (*name).to_owned());
        declare(names, interface, function, name, others, writer);
    }
}

/// `hidden` are the names of the class's members.
fn declare(
    names: &Names<'_>,
    interface: &Interface,
    function: &Function,
    name: &str,
    hidden: impl Iterator<Item = String>,
    writer: &mut Writer,
) {
    let mut scope = Scope::default();
    let params: Vec<String> = own_params(function)
        .iter()
        .map(|(name, _)| scope.take(c_value(name)))
        .collect();
    let spelling = names.within(interface, hidden.chain(params.iter().cloned()));
    let declared: Vec<String> = own_params(function)
        .iter()
        .zip(params)
        .map(|((_, ty), name)| match spelling.lent(ty) {
            Some(resource) => format!("{resource} &{name}"),
            None => format!("{} {name}", spelling.borrowed(ty)),
        })
        .collect();
    let result = function
        .result
        .as_ref()
        .map_or("void".to_owned(), |ty| spelling.owned(ty));
    writer.c_docs(function.docs.as_deref());
    writer.wrapped(&format!("virtual {result} {name}("), &declared, ") = 0;");
}

/// The parameters without a method's `self`.
pub(super) fn own_params(function: &Function) -> &[(String, wit_parser::Type)] {
    match (&function.kind, function.params.as_slice()) {
        (Kind::Method(_), [_, rest @ ..]) => rest,
        (_, params) => params,
    }
}
