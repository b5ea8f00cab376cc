//! The functions behind the table, and the table.

use std::collections::{BTreeMap, HashSet};

use wit_parser::{Type, TypeDefKind};

use super::Context;
use super::signatures::{has_guest, names, own_params, returns_self};
use super::types::Author;
use crate::layout::Layout;
use crate::writer::Writer;
use crate::{Error, Function, Interface, Kind, Options, World};

/// The author's types in the functions: `I` is the instance.
const INSTANCE: Author<'static> = Author {
    instance: "I",
    this: None,
    lifetime: "'static",
};

pub(super) fn write(context: &Context<'_>, options: &Options) -> Result<String, Error> {
    let world = context.world;
    let mut writer = Writer::default();
    let traits: Vec<String> = world
        .interfaces()
        .iter()
        .filter(|interface| has_guest(interface))
        .map(|interface| context.path(interface, "Guest"))
        .collect();
    let traits = traits.join(" + ");
    writer.line("/// All traits of the world.");
    writer.line(format!("pub trait World: {traits} {{}}"));
    writer.line(format!("impl<I: {traits}> World for I {{}}"));
    writer.gap();

    let mut entries = Vec::new();
    for interface in world.interfaces() {
        for (function, name) in interface.functions.iter().zip(names(interface)) {
            let symbol = format!("f{}", entries.len());
            entry(context, interface, function, &name, &symbol, &mut writer);
            entries.push((interface, function, symbol));
        }
    }

    writer.gap();
    writer.line("/// The table, and what it is the table of.");
    writer.line("pub struct Exports<I>(::core::marker::PhantomData<I>);");
    writer.open("impl<I: World> __c12::Exports for Exports<I> {");
    writer.line("type Instance = I;");
    writer.line(format!(
        "const WIT: &'static ::core::ffi::CStr = {};",
        c_string(world.wit())
    ));
    writer.line(format!(
        "const WORLD: &'static ::core::ffi::CStr = {};",
        c_string(world.name())
    ));
    writer.open("const TABLE: &'static [__c12::abi::Export] = &[");
    for (interface, function, symbol) in &entries {
        let interface_name = match &interface.name {
            Some(name) => format!("__c12::Some({})", c_string(name)),
            None => "__c12::None".to_owned(),
        };
        writer.line(format!(
            "__c12::export({interface_name}, {}, {symbol}::<I>, {}),",
            c_string(&function.name),
            options.blocking.has(interface, function)
        ));
    }
    writer.close("];");
    writer.close("}");

    writer.gap();
    writer.line("// The generator and the SDK must agree on where things are.");
    writer.open("const _: () = {");
    for (ty, layout) in anonymous_types(context) {
        writer.line(format!(
            "__c12::check_layout::<{ty}>({}, {});",
            layout.size, layout.align
        ));
    }
    writer.close("};");
    Ok(writer.finish())
}

fn entry(
    context: &Context<'_>,
    interface: &Interface,
    function: &Function,
    name: &str,
    symbol: &str,
    writer: &mut Writer,
) {
    let offsets = context.world.arguments(function).offsets;
    let guest = format!("<I as {}>", context.path(interface, "Guest"));
    let resource = function.kind.resource().map(|id| {
        let name = context.names.ty(id);
        let of = format!("Guest{name}");
        (format!("{guest}::{name}"), context.path(interface, &of))
    });
    writer.open(format!(
        "unsafe extern \"C\" fn {symbol}<I: World>(call: *mut __c12::abi::Call, \
         instance: *mut ::core::ffi::c_void, arguments: *const ::core::ffi::c_void, \
         results: *mut ::core::ffi::c_void) -> __c12::abi::Status {{"
    ));
    writer.line("// SAFETY: the host calls with what the table says; the offsets are those of the parameters.");
    writer.open("unsafe {");
    writer.open("__c12::answer(call, results, || {");
    writer.line("let from = arguments.cast::<u8>();");
    writer.line("let instance = __c12::instance::<I>(instance);");
    let lifted: Vec<String> = own_params(function)
        .iter()
        .zip(
            offsets
                .iter()
                .skip(usize::from(matches!(function.kind, Kind::Method(_)))),
        )
        .map(|(_, offset)| format!("__c12::lift(from.add({offset}))?"))
        .collect();
    let with_instance = |first: &str| {
        let mut all = vec![first.to_owned()];
        all.extend(lifted.iter().cloned());
        all.join(", ")
    };
    match (&function.kind, resource) {
        (Kind::Method(_), Some((ty, of))) => {
            writer.line(format!("let this = __c12::borrowed::<{ty}>(from);"));
            writer.line("let mut this = __c12::exclusive(this)?;");
            let arguments = with_instance("&mut this, instance");
            writer.line(format!("<{ty} as {of}>::{name}({arguments})"));
        }
        (Kind::Drop(_), Some((ty, of))) => {
            writer.line(format!("let this = __c12::owned::<{ty}>(from);"));
            writer.line(format!(
                "<{ty} as {of}>::dropped(this.into_inner(), instance)"
            ));
        }
        (_, Some((ty, of))) => {
            let made = if returns_self(context, function) {
                ".map(__c12::Own::new)"
            } else {
                ""
            };
            writer.line(format!(
                "<{ty} as {of}>::{name}({}){made}",
                with_instance("instance")
            ));
        }
        (_, None) => {
            writer.line(format!("{guest}::{name}({})", with_instance("instance")));
        }
    }
    writer.close("})");
    writer.close("}");
    writer.close("}");
}

/// The types without a name that are used anywhere and have no resources in them, as Rust has them.
fn anonymous_types(context: &Context<'_>) -> BTreeMap<String, Layout> {
    let world = context.world;
    let mut found = BTreeMap::new();
    let mut open: Vec<Type> = uses(world).collect();
    let mut seen = HashSet::new();
    while let Some(ty) = open.pop() {
        let Some((id, kind)) = world.kind(&ty).filter(|(id, _)| seen.insert(*id)) else {
            continue;
        };
        let anonymous = matches!(
            kind,
            TypeDefKind::Option(_) | TypeDefKind::Result(_) | TypeDefKind::Tuple(_)
        );
        if anonymous && world.facts(&ty).resources.is_empty() {
            found.insert(context.owned(&ty, INSTANCE), world.layout(&ty));
        }
        open.extend(crate::layout::parts(world.resolve(), id).unwrap_or_default());
    }
    found
}

/// The types of all functions and declarations.
fn uses(world: &World) -> impl Iterator<Item = Type> {
    world.interfaces().iter().flat_map(|interface| {
        let functions = interface.functions.iter().flat_map(|function| {
            function
                .params
                .iter()
                .map(|(_, ty)| *ty)
                .chain(function.result)
        });
        functions.chain(interface.types.iter().map(|id| Type::Id(*id)))
    })
}

/// A C string literal.
fn c_string(text: &str) -> String {
    format!("c{:?}", text.replace('\0', " "))
}
