//! A plugin in memory.
#![allow(unsafe_code)]

use std::path::Path;
use std::sync::{Arc, Mutex};

use c12::plugin::PrivateFile;
use libloading::os::unix::{Library as Loaded, RTLD_LOCAL, RTLD_NOW};

use super::inspect;
use crate::LoadError;
use crate::abi::{GetDescriptor, PluginDescriptor};
use crate::frame::barrier;
use crate::standin;

/// A loaded library with static data of its own.
///
/// It stays loaded until the process ends, as in WasmEdge: plugins may have started threads, which nobody
/// could stop. Its destructors run then.
#[derive(Debug)]
pub(crate) struct Image {
    descriptor: *const PluginDescriptor,
    /// Held while the plugin makes a module instance: plugins may count on one after the other.
    pub(crate) making: Mutex<()>,
}

// SAFETY: the descriptor is static data of the library, which is not changed once the plugin has handed it out.
unsafe impl Send for Image {}
// SAFETY: as above.
unsafe impl Sync for Image {}

/// Where an image comes from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// The content of the file, which may be replaced at any time.
    Content(Arc<[u8]>),
    /// The file itself, which debuggers find.
    InPlace,
}

impl Image {
    /// Loads the library. With the content as source each image is a library of its own; in place there is only
    /// ever one.
    pub(super) fn load(
        path: &Path,
        source: &Source,
        library: &inspect::Library,
    ) -> Result<Arc<Self>, LoadError> {
        standin::open()?;
        let loaded = match source {
            Source::InPlace => open(path, path)?,
            Source::Content(content) => {
                for companion in library.companions(path) {
                    // It stays, for the library is linked against it.
                    std::mem::forget(open(&companion, &companion)?);
                }
                let name = path.file_name().unwrap_or(path.as_os_str());
                let name = format!("c12:{}", name.to_string_lossy());
                let file = PrivateFile::new(&name, content).map_err(|source| LoadError::Read {
                    path: path.to_owned(),
                    source,
                })?;
                open(file.path(), path)?
            }
        };
        // SAFETY: that the function has this type is what its name says; nothing in a library could prove it.
        let describe = unsafe { loaded.get::<GetDescriptor>(inspect::DESCRIPTOR.as_bytes()) }
            .map_err(|_| LoadError::NoDescriptorFunction {
                path: path.to_owned(),
            })?;
        // SAFETY: it is called as WasmEdge calls it.
        let descriptor = unsafe { barrier::call(|| describe()) };
        std::mem::forget(loaded);
        let refuse = |reason: &str| LoadError::Descriptor {
            path: path.to_owned(),
            reason: reason.into(),
        };
        let descriptor = descriptor.ok_or_else(|| refuse("it threw an exception"))?;
        if descriptor.is_null() {
            return Err(refuse("there is no descriptor"));
        }
        Ok(Arc::new(Image {
            descriptor,
            making: Mutex::new(()),
        }))
    }

    /// What the plugin says about itself. The library keeps it as long as it is loaded.
    pub(super) fn descriptor(&self) -> *const PluginDescriptor {
        self.descriptor
    }
}

fn open(file: &Path, shown: &Path) -> Result<Loaded, LoadError> {
    // SAFETY: loading a library runs its initialisers with all rights of this process. That is what a user who names a
    // plugin, or puts it into a plugin folder, asks for.
    unsafe { Loaded::open(Some(file), RTLD_NOW | RTLD_LOCAL) }.map_err(|error| {
        let reason = std::error::Error::source(&error)
            .map_or_else(|| error.to_string(), ToString::to_string);
        LoadError::Open {
            path: shown.to_owned(),
            reason: reason.replace(&file.display().to_string(), &shown.display().to_string()),
        }
    })
}
