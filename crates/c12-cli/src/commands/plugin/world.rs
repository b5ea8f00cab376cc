//! The functions of what a plugin offers, as its WIT has them.

use c12::plugin::Plugin;
use wit_component::WitPrinter;
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{Function, InterfaceId, Resolve, TypeDefKind, TypeOwner, WorldItem};

use super::ROOT;
use crate::plugins::Loaded;

/// What plugins say of themselves, parsed. Plugins whose WIT is unknown have none.
pub(super) struct World {
    resolve: Resolve,
}

/// An interface of a plugin, or a function outside of any.
pub(super) struct Offer<'a> {
    /// As components import it.
    pub(super) name: String,
    /// Whether it is a function and no interface.
    pub(super) bare: bool,
    pub(super) functions: Vec<&'a Function>,
    /// The resources that it defines.
    pub(super) resources: Vec<&'a str>,
}

impl World {
    pub(super) fn of(plugin: &Loaded) -> Result<Self, String> {
        let mut resolve = Resolve::default();
        for text in plugin.wit() {
            resolve
                .push_source("plugin.wit", &text)
                .map_err(|error| format!("{error:#}"))?;
        }
        Ok(World { resolve })
    }

    /// What the plugin offers to components, with all that the WIT says of it.
    pub(super) fn offers(&self, plugin: &dyn Plugin) -> Vec<Offer<'_>> {
        let mut offers: Vec<Offer<'_>> = Vec::new();
        for provided in plugin.provides() {
            let name = provided.name();
            if !name.is_component() || offers.iter().any(|known| known.name == name.as_str()) {
                continue;
            }
            let interface = self
                .interface(name.as_str())
                .and_then(|id| Some((id, self.resolve.interfaces.get(id)?)));
            let function = self.function(name.as_str());
            offers.push(match (interface, function) {
                (Some((id, interface)), _) => Offer {
                    name: name.as_str().to_owned(),
                    bare: false,
                    functions: interface.functions.values().collect(),
                    resources: self.resources(id),
                },
                (None, function) => Offer {
                    name: name.as_str().to_owned(),
                    bare: function.is_some(),
                    functions: function.into_iter().collect(),
                    resources: Vec::new(),
                },
            });
        }
        offers
    }

    /// The interface of that name, or the one that differs in the version alone: some are known under several.
    fn interface(&self, name: &str) -> Option<InterfaceId> {
        let plain = |name: &str| {
            name.split_once('@')
                .map_or(name, |(name, _)| name)
                .to_owned()
        };
        let named = |same: &dyn Fn(&str) -> bool| {
            self.resolve
                .interfaces
                .iter()
                .map(|(id, _)| id)
                .find(|id| self.resolve.id_of(*id).is_some_and(|known| same(&known)))
        };
        let in_world = || {
            // Worlds may declare interfaces in place, which have no name but theirs.
            self.exports().find_map(|(known, item)| match item {
                WorldItem::Interface { id, .. } if known == name => Some(*id),
                _ => None,
            })
        };
        named(&|known| known == name)
            .or_else(in_world)
            .or_else(|| named(&|known| plain(known) == plain(name)))
    }

    fn function(&self, name: &str) -> Option<&Function> {
        self.exports().find_map(|(known, item)| match item {
            WorldItem::Function(function) if known == name => Some(function),
            _ => None,
        })
    }

    fn exports(&self) -> impl Iterator<Item = (String, &WorldItem)> {
        self.resolve
            .worlds
            .iter()
            .flat_map(|(_, world)| &world.exports)
            .map(|(key, item)| (self.resolve.name_world_key(key), item))
    }

    fn resources(&self, interface: InterfaceId) -> Vec<&str> {
        let types = self.resolve.types.iter();
        types
            .filter(|(_, ty)| {
                ty.owner == TypeOwner::Interface(interface) && ty.kind == TypeDefKind::Resource
            })
            .filter_map(|(_, ty)| ty.name.as_deref())
            .collect()
    }

    /// `func(text: string) -> string`
    pub(super) fn signature(&self, function: &Function) -> String {
        let ty = |ty| {
            let mut printer = WitPrinter::default();
            match printer.print_type_name(&self.resolve, ty) {
                Ok(()) => printer.output.to_string(),
                Err(_) => "?".to_owned(),
            }
        };
        let parameters: Vec<String> = function
            .params
            .iter()
            .map(|parameter| format!("{}: {}", parameter.name, ty(&parameter.ty)))
            .collect();
        let result = function
            .result
            .as_ref()
            .map(|result| format!(" -> {}", ty(result)));
        format!(
            "func({}){}",
            parameters.join(", "),
            result.unwrap_or_default()
        )
    }

    /// A core module, in text form, that imports all that is offered.
    pub(super) fn guest(&self, offers: &[Offer<'_>]) -> String {
        let mut imports = String::new();
        for offer in offers {
            let module = if offer.bare { ROOT } else { &offer.name };
            for function in &offer.functions {
                let signature = self
                    .resolve
                    .wasm_signature(AbiVariant::GuestImport, function);
                imports += &format!(
                    "(import {module:?} {:?} (func (param {}) (result {})))\n",
                    function.name,
                    core_types(&signature.params),
                    core_types(&signature.results)
                );
            }
            for resource in &offer.resources {
                let name = format!("[resource-drop]{resource}");
                imports += &format!("(import {module:?} {name:?} (func (param i32)))\n");
            }
        }
        format!("(module\n{imports})")
    }
}

fn core_types(types: &[WasmType]) -> String {
    let name = |ty: &WasmType| match ty {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
        WasmType::I64 | WasmType::PointerOrI64 => "i64",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
    };
    types.iter().map(name).collect::<Vec<_>>().join(" ")
}
