//! What the modules of a plugin offer.
//!
//! A module's descriptor has only a name by which WasmEdge's own API finds it. The name that guests import from, and the
//! functions with their types, exist when the plugin has made an instance. So one is made and looked at.
#![allow(unsafe_code)]

use std::ptr::NonNull;
use std::sync::{Arc, PoisonError};

use crate::LoadError;
use crate::abi::guard::Running;
use crate::abi::live;
use crate::frame::barrier;
use crate::frame::call::Callee;
use crate::frame::guest::ExportKind;
use crate::instances::{Body, Item, ModuleInstance};
use crate::load::{Image, Module};
use crate::types::FunctionType;

/// The modules of a plugin, in the order of their descriptors.
#[derive(Debug)]
pub(super) struct Template {
    modules: Vec<ModuleTemplate>,
}

/// A module.
#[derive(Debug)]
pub(super) struct ModuleTemplate {
    /// The name that guests import from.
    pub(super) name: String,
    pub(super) functions: Vec<FunctionTemplate>,
    /// What else it exports.
    pub(super) others: Vec<(String, &'static str)>,
}

/// A function.
#[derive(Debug)]
pub(super) struct FunctionTemplate {
    pub(super) name: String,
    pub(super) ty: FunctionType,
}

impl ModuleTemplate {
    /// The names of all that it exports.
    pub(super) fn items(&self) -> impl Iterator<Item = &str> {
        let functions = self.functions.iter().map(|function| function.name.as_str());
        functions.chain(self.others.iter().map(|(name, _)| name.as_str()))
    }
}

impl Template {
    /// Has an instance of each module made, looks at it, and throws it away.
    pub(super) fn learn(
        plugin: &Arc<str>,
        image: &Arc<Image>,
        modules: &[Module],
    ) -> Result<Self, LoadError> {
        let made = make(plugin, image, modules)?;
        let mut templates: Vec<ModuleTemplate> = Vec::new();
        for (instance, module) in made.iter().zip(modules) {
            let template = look_at(instance.get()).map_err(|reason| LoadError::Module {
                plugin: plugin.to_string(),
                module: module.name.clone(),
                reason,
            })?;
            if templates.iter().any(|known| known.name == template.name) {
                tracing::warn!(
                    target: "c12::plugin::wasmedge",
                    plugin = &**plugin,
                    "two modules are called `{}`: guests import from the first",
                    template.name
                );
            }
            templates.push(template);
        }
        Ok(Template { modules: templates })
    }

    /// The modules, in the order of their descriptors.
    pub(super) fn modules(&self) -> &[ModuleTemplate] {
        &self.modules
    }

    /// The first module of that name, with its place.
    pub(super) fn find(&self, name: &str) -> Option<(usize, &ModuleTemplate)> {
        self.modules
            .iter()
            .enumerate()
            .find(|(_, module)| module.name == name)
    }
}

fn look_at(instance: &ModuleInstance) -> Result<ModuleTemplate, String> {
    let text = |bytes: &[u8]| {
        String::from_utf8(bytes.to_vec()).map_err(|error| {
            format!(
                "the name `{}` is not UTF-8",
                error.as_bytes().escape_ascii()
            )
        })
    };
    let exports = instance
        .exports()
        .ok_or("it gave the module of a guest instead of one of its own")?;
    let mut functions = Vec::new();
    for (name, function) in exports.functions() {
        // SAFETY: the module owns it, and is alive.
        let ty = unsafe { function.as_ref() }.ty().clone();
        functions.push(FunctionTemplate {
            name: text(name)?,
            ty,
        });
    }
    let mut others = Vec::new();
    for (kind, what) in [
        (ExportKind::Table, "table"),
        (ExportKind::Memory, "memory"),
        (ExportKind::Global, "global"),
    ] {
        for name in exports.names(kind) {
            let name = name.split_last().map_or(&[][..], |(_, name)| name);
            others.push((text(name)?, what));
        }
    }
    Ok(ModuleTemplate {
        name: text(instance.name())?,
        functions,
        others,
    })
}

/// A module instance that a plugin made and handed over.
#[derive(Debug)]
pub(super) struct OwnedModule {
    instance: NonNull<ModuleInstance>,
    plugin: Arc<str>,
    /// The code of functions and finaliser.
    _image: Arc<Image>,
}

// SAFETY: module instances can be sent, and this one is owned.
unsafe impl Send for OwnedModule {}

impl OwnedModule {
    pub(super) fn get(&self) -> &ModuleInstance {
        // SAFETY: it was adopted, and is freed when this is dropped.
        unsafe { self.instance.as_ref() }
    }

    pub(super) fn pointer(&self) -> NonNull<ModuleInstance> {
        self.instance
    }
}

impl Drop for OwnedModule {
    fn drop(&mut self) {
        let _running = Running::new(&self.plugin);
        // SAFETY: it was adopted, and nobody uses it any more: the guest whose calls could reach it ends.
        unsafe { live::free(self.instance) };
    }
}

/// Has an instance of each module made, in order. If one fails, those before it are gone again.
pub(super) fn make(
    plugin: &Arc<str>,
    image: &Arc<Image>,
    modules: &[Module],
) -> Result<Vec<OwnedModule>, LoadError> {
    let _one_at_a_time = image.making.lock().unwrap_or_else(PoisonError::into_inner);
    let mut made = Vec::with_capacity(modules.len());
    for module in modules {
        let failed = |reason: &str| LoadError::Module {
            plugin: plugin.to_string(),
            module: module.name.clone(),
            reason: reason.into(),
        };
        let pointer = {
            let _running = Running::new(plugin);
            // SAFETY: it is the function that the descriptor names for this, with the descriptor that it belongs to.
            unsafe { barrier::call(|| (module.create)(module.descriptor)) }
        };
        let pointer = pointer.ok_or_else(|| failed("it threw an exception"))?;
        if pointer.is_null() {
            return Err(failed("it returned NULL"));
        }
        let instance = live::adopt(pointer).ok_or_else(|| {
            failed("what it returned is not a module instance, or one that it returned before")
        })?;
        made.push(OwnedModule {
            instance,
            plugin: Arc::clone(plugin),
            _image: Arc::clone(image),
        });
    }
    Ok(made)
}

/// The callee of a function, if it is one of the plugin's and has that type.
pub(super) fn callee(module: &ModuleInstance, wanted: &FunctionTemplate) -> Option<Callee> {
    let exports = module.exports()?;
    let Some(Item::Function(function)) = exports.find(ExportKind::Function, wanted.name.as_bytes())
    else {
        return None;
    };
    // SAFETY: the module owns it, and is alive.
    let function = unsafe { function.as_ref() };
    match function.body() {
        Body::Plugin(callee) if *function.ty() == wanted.ty => Some(*callee),
        _ => None,
    }
}
