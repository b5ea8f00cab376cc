//! C++17: a header with types, classes for the author to derive from, and the table.
//!
//! The header needs `c12_plugin.hpp` and `c12_plugin.h` beside it; see [`HEADERS`](crate::HEADERS). The first says
//! what each WIT type is in C++.
//!
//! An interface becomes a namespace `example::text::tools` with its types, a class for each resource, and a class
//! `guest` for its functions. The world is the namespace `c12::worlds::text_tools`.

mod classes;
mod codecs;
mod entries;
mod names;
mod types;

use crate::names::{c_value, snake, upper};
use crate::writer::Writer;
use crate::{Error, Options, World};
use names::Names;

/// Writes the header for plugins in C++17.
///
/// # Errors
///
/// [`Error::NotThere`] for a wrong name in the options.
pub fn header(world: &World, options: &Options) -> Result<String, Error> {
    options.blocking.check(world)?;
    let names = Names::of(world);
    let mut writer = Writer::default();
    let package = world.package().split('@').next().unwrap_or_default();
    let guard = format!(
        "C12_{}_{}_HPP",
        upper(&package.replace(':', "-")),
        upper(world.name())
    );
    let root = format!("c12::worlds::{}", c_value(world.name()));
    writer.line("/*");
    writer.line(format!(
        " * The world `{}` of `{}`, for plugins in C++17.",
        world.name(),
        world.package()
    ));
    writer.line(
        " * Written by `c12 plugin bindgen`: changes here are lost when it is written again.",
    );
    writer.line(" *");
    writer.line(" * Derive the class of your instances from:");
    writer.line(" *");
    for interface in world
        .interfaces()
        .iter()
        .filter(|i| !i.functions.is_empty())
    {
        writer.line(format!(" *   {}::guest", names.namespace(interface)));
    }
    writer.line(" *");
    writer.line(" * and define the plugin in one file:");
    writer.line(" *");
    writer.line(format!(
        " *   C12_PLUGIN_DEFINE(your_plugin, {root}, \"{}\", \"1.0.0\", \"…\")",
        world.name()
    ));
    writer.line(" */");
    writer.line(format!("#ifndef {guard}"));
    writer.line(format!("#define {guard}"));
    writer.gap();
    writer.line("#include \"c12_plugin.hpp\"");
    for interface in world.interfaces() {
        if interface.types.is_empty() && interface.functions.is_empty() {
            continue;
        }
        let namespace = names.namespace(interface);
        writer.gap();
        writer.c_docs(interface.docs.as_deref());
        writer.line(format!("namespace {namespace} {{"));
        types::write(world, &names, interface, &mut writer);
        classes::write(world, &names, interface, &mut writer);
        writer.gap();
        writer.line(format!("}}  // namespace {namespace}"));
    }
    writer.gap();
    writer.line("/* From here on it is for the host. */");
    codecs::write(world, &names, &mut writer);
    entries::write(world, &names, options, &root, &mut writer);
    writer.gap();
    writer.line("#endif");
    Ok(writer.finish())
}

/// A name of the world's own, for what is in it and in no interface.
fn world_namespace(world: &World) -> String {
    format!("c12::worlds::{}", c_value(&snake(world.name())))
}
