//! A component's world in WIT.
//!
//! `wit-parser` decodes components that its own tools wrote. It asserts what those guarantee, so a component made by
//! hand can make it panic, and types that refer to each other cleverly can make its text grow without bound. So the
//! decoding runs on a thread of its own, whose panic is an error here, and the text is measured before it is printed.

mod measure;
mod signature;

use std::cell::Cell;
use std::collections::HashMap;
use std::panic;
use std::sync::Once;
use std::thread;

use wit_component::{DecodedWasm, WitPrinter};
use wit_parser::{IndexMap, Resolve, TypeDefKind, WorldItem, WorldKey};

use super::report::{Function, Item};

/// How many bytes of types and items a component may have for its WIT to be decoded: ten times those of large ones.
const MAX_INTERFACE_SIZE: u64 = 4 << 20;
/// How long the WIT text may be, in bytes.
const MAX_TEXT_SIZE: u64 = 8 << 20;
/// Stack of the decoding thread. Packages that depend on each other are visited by recursion, and the limit on the
/// size of a component's types limits how many of them there can be.
const STACK_SIZE: usize = 128 << 20;

/// What decoding gives.
pub(super) struct Wit {
    resolve: Resolve,
    /// The world's imports and exports by name. A WIT package has none.
    imports: HashMap<String, WorldItem>,
    exports: HashMap<String, WorldItem>,
    /// The text, unless it would be too long.
    pub(super) text: Result<String, String>,
}

/// Decodes the WIT of a component that has been validated. The error is a sentence for the report.
pub(super) fn decode(component: &[u8], interface_size: u64, text: bool) -> Result<Wit, String> {
    if interface_size > MAX_INTERFACE_SIZE {
        return Err(format!(
            "the WIT is not shown: the types of the component take {interface_size} bytes"
        ));
    }
    let decoded = thread::scope(|scope| {
        let worker = thread::Builder::new()
            .name("wit".to_owned())
            .stack_size(STACK_SIZE)
            .spawn_scoped(scope, || {
                silence_panics();
                decode_here(component, text)
            });
        match worker {
            Ok(worker) => worker
                .join()
                .unwrap_or_else(|_| Err("its types contradict each other".to_owned())),
            Err(error) => Err(format!("no thread could be started: {error}")),
        }
    });
    decoded.map_err(|why| {
        format!(
            "WIT cannot describe this component: {}",
            crate::printable::shown(&why)
        )
    })
}

fn decode_here(component: &[u8], text: bool) -> Result<Wit, String> {
    let decoded = wit_component::decode(component).map_err(|error| format!("{error:#}"))?;
    let package = decoded.package();
    let (resolve, world) = match decoded {
        DecodedWasm::WitPackage(resolve, _) => (resolve, None),
        DecodedWasm::Component(resolve, world) => (resolve, Some(world)),
    };
    let text = if !text {
        Ok(String::new())
    } else if measure::text_size(&resolve) > MAX_TEXT_SIZE {
        Err(format!(
            "the WIT is not shown: it would be longer than {} MiB",
            MAX_TEXT_SIZE >> 20
        ))
    } else {
        print(&resolve, package)
    };
    let world = world.and_then(|id| resolve.worlds.get(id));
    let by_name = |items: &IndexMap<WorldKey, WorldItem>| {
        items
            .iter()
            .map(|(key, item)| (resolve.name_world_key(key), item.clone()))
            .collect()
    };
    let imports = world
        .map(|world| by_name(&world.imports))
        .unwrap_or_default();
    let exports = world
        .map(|world| by_name(&world.exports))
        .unwrap_or_default();
    Ok(Wit {
        resolve,
        imports,
        exports,
        text,
    })
}

/// Prints the package, and after it those that it refers to.
fn print(resolve: &Resolve, package: wit_parser::PackageId) -> Result<String, String> {
    let nested: Vec<_> = resolve
        .packages
        .iter()
        .map(|(id, _)| id)
        .filter(|id| *id != package)
        .collect();
    for docs in [true, false] {
        let mut printer = WitPrinter::default();
        printer.emit_docs(docs);
        printer
            .print(resolve, package, &nested)
            .map_err(|error| format!("the WIT is not shown: {error:#}"))?;
        let text = printer.output.to_string();
        // Documentation may hold any characters; a terminal must not act on them.
        if !docs || !text.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            return Ok(text);
        }
    }
    Ok(String::new())
}

impl Wit {
    /// Adds the types of the functions of an import.
    pub(super) fn type_import(&self, name: &str, item: &mut Item) {
        self.add_types(self.imports.get(name), item);
    }

    /// Adds the types of the functions of an export.
    pub(super) fn type_export(&self, name: &str, item: &mut Item) {
        self.add_types(self.exports.get(name), item);
    }

    fn add_types(&self, found: Option<&WorldItem>, item: &mut Item) {
        match found {
            Some(WorldItem::Function(function)) => {
                item.ty = Some(signature::of(&self.resolve, function))
            }
            Some(WorldItem::Interface { id, .. }) => {
                let Some(interface) = self.resolve.interfaces.get(*id) else {
                    return;
                };
                for Function { name, ty } in &mut item.functions {
                    *ty = interface
                        .functions
                        .get(name.as_str())
                        .map(|function| signature::of(&self.resolve, function));
                }
                // Those that come from another interface are that one's.
                item.resources.retain(|name| {
                    let ty = interface
                        .types
                        .get(name.as_str())
                        .and_then(|id| self.resolve.types.get(*id));
                    ty.is_none_or(|ty| ty.kind == TypeDefKind::Resource)
                });
            }
            _ => {}
        }
    }
}

thread_local! {
    static SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Keeps a panic of this thread from being reported on standard error: it becomes an error. Other threads' panics go to
/// whoever was asked to report them before.
fn silence_panics() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !SILENT.get() {
                report(info);
            }
        }));
    });
    SILENT.set(true);
}
