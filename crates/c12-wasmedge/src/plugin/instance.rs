//! What a plugin keeps for one instance of a guest.
#![allow(unsafe_code)]

use std::ptr::NonNull;
use std::sync::Arc;
use std::time::Duration;

use super::Loaded;
use super::template::{self, OwnedModule};
use crate::LoadError;
use crate::frame::Realm;
use crate::frame::call::Callee;
use crate::instances::ModuleInstance;

/// The plugin's module instances of one guest. They go before the guest does: finalisers may still use pointers
/// into its memory.
pub(super) struct Instance {
    /// The functions, by the places of module and function in the template.
    functions: Vec<Vec<Option<Callee>>>,
    modules: Vec<OwnedModule>,
    realm: Box<Realm>,
}

/// A function of an instance.
pub(super) struct Bound {
    pub(super) realm: NonNull<Realm>,
    pub(super) callee: Callee,
    pub(super) own: NonNull<ModuleInstance>,
}

impl Instance {
    /// Has the plugin make its modules.
    pub(super) fn new(
        plugin: &Arc<str>,
        loaded: &Loaded,
        timeout: Option<Duration>,
    ) -> Result<Self, LoadError> {
        let modules = template::make(plugin, &loaded.image, &loaded.modules)?;
        let mut functions = Vec::with_capacity(modules.len());
        let known = loaded.template.modules();
        for ((module, template), descriptor) in modules.iter().zip(known).zip(&*loaded.modules) {
            if module.get().name() != template.name.as_bytes() {
                return Err(LoadError::Module {
                    plugin: plugin.to_string(),
                    module: descriptor.name.clone(),
                    reason: format!(
                        "it is called `{}` now, and was `{}` before",
                        module.get().name().escape_ascii(),
                        template.name
                    ),
                });
            }
            let callees = template.functions.iter();
            functions.push(
                callees
                    .map(|function| template::callee(module.get(), function))
                    .collect(),
            );
        }
        Ok(Instance {
            functions,
            modules,
            realm: Box::new(Realm::new(Arc::clone(plugin), timeout)),
        })
    }

    /// The function at these places of the template, if this instance has it.
    pub(super) fn bound(&self, module: usize, function: usize) -> Option<Bound> {
        let callee = (*self.functions.get(module)?.get(function)?)?;
        Some(Bound {
            realm: NonNull::from(&*self.realm),
            callee,
            own: self.modules.get(module)?.pointer(),
        })
    }
}
