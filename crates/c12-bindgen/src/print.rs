//! The text by which a plugin describes itself.

use std::collections::HashSet;

use wit_component::WitPrinter;
use wit_parser::{InterfaceId, Resolve, WorldId, WorldItem};

use crate::Error;

/// The package of a world as one text: the world, the interfaces that it needs, and nothing else. The package
/// of the world comes first, the others follow in nested form.
pub(crate) fn print(resolve: &Resolve, world: WorldId) -> Result<String, Error> {
    let needed = needed(resolve, world);
    let mut pruned = resolve.clone();
    for (_, package) in pruned.packages.iter_mut() {
        package.interfaces.retain(|_, id| needed.contains(id));
        package.worlds.retain(|_, id| *id == world);
    }
    let main = resolve.worlds.get(world).and_then(|world| world.package);
    let Some(main) = main else {
        return Err(Error::wit("the world is in no package"));
    };
    let nested: Vec<_> = pruned
        .topological_packages()
        .into_iter()
        .filter(|id| {
            let used = pruned
                .packages
                .get(*id)
                .is_some_and(|package| !package.interfaces.is_empty());
            *id != main && used
        })
        .collect();
    let mut printer = WitPrinter::default();
    printer
        .print(&pruned, main, &nested)
        .map_err(|error| Error::wit(format!("{error:#}")))?;
    let mut text = printer.output.to_string();
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

/// The interfaces that a world imports and exports, and those whose types they use.
fn needed(resolve: &Resolve, world: WorldId) -> HashSet<InterfaceId> {
    let mut needed = HashSet::new();
    let mut open: Vec<InterfaceId> = Vec::new();
    if let Some(world) = resolve.worlds.get(world) {
        for item in world.imports.values().chain(world.exports.values()) {
            match item {
                WorldItem::Interface { id, .. } => open.push(*id),
                WorldItem::Type { id, .. } => open.extend(resolve.type_interface_dep(*id)),
                WorldItem::Function(_) => {}
            }
        }
    }
    while let Some(id) = open.pop() {
        if needed.insert(id) {
            open.extend(resolve.interface_direct_deps(id));
        }
    }
    needed
}
