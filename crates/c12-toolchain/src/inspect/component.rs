//! Imports and exports of a component.

use wasmparser::component_types::{ComponentAnyTypeId, ComponentEntityType};
use wasmparser::names::{ComponentName, ComponentNameKind};
use wasmparser::types::TypesRef;
use wasmparser::{ComponentExport, ComponentImport};

use super::report::{Export, Function, Import, Interface, Item};

/// Imports and exports of the file itself.
#[derive(Debug, Default)]
pub(super) struct ComponentItems {
    pub(super) imports: Vec<Import>,
    pub(super) exports: Vec<Export>,
    /// How many items and functions did not fit in the lists.
    pub(super) omitted: u64,
    /// How many items and functions still may be listed.
    left: usize,
    /// Whether every item is an exported component type: what a WIT package in the binary format is made of.
    pub(super) only_component_types: bool,
}

impl ComponentItems {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            left: limit,
            only_component_types: true,
            ..Self::default()
        }
    }

    /// Whether the component is a WIT package.
    pub(super) fn is_wit_package(&self) -> bool {
        self.only_component_types && !self.exports.is_empty()
    }

    pub(super) fn import(&mut self, import: &ComponentImport<'_>, types: TypesRef<'_>) {
        self.only_component_types = false;
        let name = import.name.name;
        let entity = types.component_item_for_import(name).map(|item| &item.ty);
        let Some(item) = self.item(name, import.name.implements, entity, types) else {
            return;
        };
        self.imports.push(Import {
            module: name.to_owned(),
            name: None,
            item,
            provider: None,
        });
    }

    pub(super) fn export(&mut self, export: &ComponentExport<'_>, types: TypesRef<'_>) {
        let name = export.name.name;
        let entity = types.component_item_for_export(name).map(|item| &item.ty);
        let component_type = matches!(
            entity,
            Some(ComponentEntityType::Type {
                created: ComponentAnyTypeId::Component(_),
                ..
            })
        );
        self.only_component_types &= component_type;
        let Some(item) = self.item(name, export.name.implements, entity, types) else {
            return;
        };
        self.exports.push(Export {
            name: name.to_owned(),
            item,
        });
    }

    fn item(
        &mut self,
        name: &str,
        implements: Option<&str>,
        entity: Option<&ComponentEntityType>,
        types: TypesRef<'_>,
    ) -> Option<Item> {
        if !self.take() {
            return None;
        }
        let mut item = Item {
            interface: interface(implements.unwrap_or(name)),
            ..Item::default()
        };
        item.kind = match entity {
            Some(ComponentEntityType::Module(_)) => "module",
            Some(ComponentEntityType::Func(_)) => "func",
            Some(ComponentEntityType::Value(_)) => "value",
            Some(ComponentEntityType::Type { .. }) => "type",
            Some(ComponentEntityType::Component(_)) => "component",
            Some(ComponentEntityType::Instance(id)) => {
                self.instance(
                    &mut item,
                    types.get(*id).map(|ty| &ty.exports).into_iter().flatten(),
                );
                "instance"
            }
            None => "unknown",
        };
        Some(item)
    }

    fn instance<'a>(
        &mut self,
        item: &mut Item,
        exports: impl Iterator<Item = (&'a String, &'a wasmparser::component_types::ComponentItem)>,
    ) {
        for (name, export) in exports {
            match export.ty {
                ComponentEntityType::Func(_) if self.take() => {
                    item.functions.push(Function {
                        name: name.clone(),
                        ty: None,
                    });
                }
                ComponentEntityType::Type {
                    created: ComponentAnyTypeId::Resource(_),
                    ..
                } if self.take() => {
                    item.resources.push(name.clone());
                }
                _ => {}
            }
        }
    }

    /// Whether one more may be listed.
    fn take(&mut self) -> bool {
        if self.left == 0 {
            self.omitted += 1;
            return false;
        }
        self.left -= 1;
        true
    }
}

/// The parts of an interface's name. Plain names have none.
fn interface(name: &str) -> Option<Interface> {
    let parsed = ComponentName::new(name, 0).ok()?;
    let ComponentNameKind::Interface(parts) = parsed.kind() else {
        return None;
    };
    Some(Interface {
        namespace: parts.namespace().to_string(),
        package: parts.package().to_string(),
        name: parts.interface().to_string(),
        version: name.split_once('@').map(|(_, version)| version.to_owned()),
    })
}
