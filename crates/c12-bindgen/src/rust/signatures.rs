//! The traits that authors implement.

use std::collections::BTreeSet;

use wit_parser::{Type, TypeDefKind, TypeId};

use super::types::Author;
use super::{Context, docs};
use crate::names::{Scope, rust_value};
use crate::writer::Writer;
use crate::{Function, Interface, Kind};

/// What a function is called in its trait, by its position in the interface.
pub(super) fn names(interface: &Interface) -> Vec<String> {
    let mut scopes: Vec<(Option<TypeId>, Scope)> = Vec::new();
    interface
        .functions
        .iter()
        .map(|function| {
            let resource = function.kind.resource();
            let place = scopes.iter().position(|(of, _)| *of == resource);
            let place = place.unwrap_or_else(|| {
                let mut scope = Scope::with(["dropped"]);
                if has_constructor(interface, resource) {
                    scope.take("new");
                }
                scopes.push((resource, scope));
                scopes.len() - 1
            });
            match function.kind {
                Kind::Constructor(_) => return "new".to_owned(),
                Kind::Drop(_) => return "dropped".to_owned(),
                Kind::Free => return rust_value(&function.item),
                Kind::Method(_) | Kind::Static(_) => {}
            }
            let name = rust_value(&function.item);
            match scopes.get_mut(place) {
                Some((_, scope)) => scope.take(name),
                None => name,
            }
        })
        .collect()
}

fn has_constructor(interface: &Interface, resource: Option<TypeId>) -> bool {
    interface
        .functions
        .iter()
        .any(|function| match function.kind {
            Kind::Constructor(id) => Some(id) == resource,
            _ => false,
        })
}

/// The interfaces whose instances an interface's functions need: those of all resources in them but its own.
fn foreign_resources(
    context: &Context<'_>,
    interface: &Interface,
    place: usize,
) -> BTreeSet<usize> {
    let mut places = BTreeSet::new();
    for function in &interface.functions {
        for ty in function
            .params
            .iter()
            .map(|(_, ty)| ty)
            .chain(&function.result)
        {
            places.extend(context.world.facts(ty).resources);
        }
    }
    places.remove(&place);
    places
}

/// Whether an interface has a trait.
pub(super) fn has_guest(interface: &Interface) -> bool {
    !interface.functions.is_empty()
}

pub(super) fn write(
    context: &Context<'_>,
    interface: &Interface,
    place: usize,
    writer: &mut Writer,
) {
    if !has_guest(interface) {
        return;
    }
    let names = names(interface);
    let resources: Vec<TypeId> = interface
        .types
        .iter()
        .copied()
        .filter(|id| context.world.def(*id).kind == TypeDefKind::Resource)
        .collect();

    let mut supertraits = "::core::marker::Sized + ::core::marker::Send + 'static".to_owned();
    let foreign = foreign_resources(context, interface, place);
    if !foreign.is_empty() {
        supertraits = format!("{} + {supertraits}", context.bounds(&foreign));
    }
    writer.gap();
    docs(writer, interface.docs.as_deref());
    writer.open(format!("pub trait Guest: {supertraits} {{"));
    for resource in &resources {
        let name = context.names.ty(*resource);
        docs(
            writer,
            context.world.def(*resource).docs.contents.as_deref(),
        );
        writer.line(format!("type {name}: Guest{name}<Instance = Self>;"));
    }
    for (function, name) in interface.functions.iter().zip(&names) {
        if function.kind == Kind::Free {
            signature(context, function, name, writer);
        }
    }
    writer.close("}");
    for resource in resources {
        resource_trait(context, interface, resource, &names, writer);
    }
}

fn resource_trait(
    context: &Context<'_>,
    interface: &Interface,
    resource: TypeId,
    names: &[String],
    writer: &mut Writer,
) {
    let name = context.names.ty(resource);
    writer.gap();
    docs(writer, context.world.def(resource).docs.contents.as_deref());
    writer.open(format!(
        "pub trait Guest{name}: ::core::marker::Sized + ::core::marker::Send + 'static {{"
    ));
    writer.line("/// The instance of the plugin that it is for.");
    writer.line(format!("type Instance: Guest<{name} = Self>;"));
    for (function, name) in interface.functions.iter().zip(names) {
        let belongs = function.kind.resource() == Some(resource);
        if belongs && !matches!(function.kind, Kind::Drop(_)) {
            signature(context, function, name, writer);
        }
    }
    writer.line("/// The guest has no more use for it.");
    writer.open("fn dropped(self, instance: &mut Self::Instance) -> ::c12_plugin::Result<()> {");
    writer.line("let _ = instance;");
    writer.line("::core::result::Result::Ok(())");
    writer.close("}");
    writer.close("}");
}

fn signature(context: &Context<'_>, function: &Function, name: &str, writer: &mut Writer) {
    let resource = function.kind.resource();
    let author = Author {
        instance: if resource.is_some() {
            "Self::Instance"
        } else {
            "Self"
        },
        this: resource,
        lifetime: "",
    };
    let mut scope = Scope::with(["instance"]);
    let mut params: Vec<String> = match function.kind {
        Kind::Free => vec!["&mut self".into()],
        Kind::Method(_) => vec!["&mut self".into(), "instance: &mut Self::Instance".into()],
        _ => vec!["instance: &mut Self::Instance".into()],
    };
    for (name, ty) in own_params(function) {
        let ty = context.param(ty, author);
        params.push(format!("{}: {ty}", scope.take(rust_value(name))));
    }
    let result = if returns_self(context, function) {
        "Self".to_owned()
    } else {
        function
            .result
            .as_ref()
            .map_or("()".to_owned(), |ty| context.owned(ty, author))
    };
    docs(writer, function.docs.as_deref());
    writer.line(format!(
        "fn {name}({}) -> ::c12_plugin::Result<{result}>;",
        params.join(", ")
    ));
}

/// The parameters without a method's `self`.
pub(super) fn own_params(function: &Function) -> &[(String, Type)] {
    match (&function.kind, function.params.as_slice()) {
        (Kind::Method(_), [_, rest @ ..]) => rest,
        (_, params) => params,
    }
}

/// Whether a function is a constructor that gives the resource itself, not a result of it.
pub(super) fn returns_self(context: &Context<'_>, function: &Function) -> bool {
    let Kind::Constructor(resource) = function.kind else {
        return false;
    };
    let kind = function
        .result
        .as_ref()
        .and_then(|ty| context.world.kind(ty));
    match kind {
        Some((_, TypeDefKind::Handle(handle))) => context.world.resource(handle).0 == resource,
        _ => false,
    }
}
