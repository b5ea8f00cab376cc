//! Runs a plugin without a guest, to test it.
//!
//! [`Harness`] does what the host does: it reads the description, checks it, opens the plugin with settings and makes
//! instances. [`Instance::call`] calls any function of the world with [`Value`]s, in the form in which the host
//! calls it, and checks what comes back. Plugins in any language can be tested so, as libraries; one in Rust is better
//! opened by its function `c12_plugin`, in the process of the test.
//!
//! ```
//! # mod tools {
//! # c12_plugin::generate!({ inline: "package example:text; world text { export reverse: func(text: string) -> string; }" });
//! # pub struct Text;
//! # impl c12_plugin::Plugin for Text {
//! #     type Instance = Text;
//! #     fn open(_: &c12_plugin::Settings<'_>) -> c12_plugin::Result<Self> { Ok(Text) }
//! #     fn instantiate(&self) -> c12_plugin::Result<Text> { Ok(Text) }
//! # }
//! # impl Guest for Text {
//! #     fn reverse(&mut self, text: &str) -> c12_plugin::Result<String> { Ok(text.chars().rev().collect()) }
//! # }
//! # c12_plugin::export!(Text);
//! # }
//! # use tools::c12_plugin as my_plugin;
//! use c12_plugin::harness::{Harness, Value};
//!
//! let plugin = Harness::open(my_plugin, &[])?;
//! let mut instance = plugin.instantiate()?;
//! let answer = instance.call(None, "reverse", &[Value::from("abc")])?;
//! assert_eq!(answer, Some(Value::from("cba")));
//! # Ok::<(), c12_plugin::harness::HarnessError>(())
//! ```

mod description;
mod error;
mod exercise;
mod generate;
mod host;
mod instance;
mod library;
mod lift;
mod lower;
mod settings;
mod value;

use std::ffi::c_void;
use std::path::Path;

use c12_bindgen::World;

use crate::abi;
use description::Description;
pub use description::{Entry, KeyEntry};
pub use error::HarnessError;
pub use exercise::{Exercise, Outcome};
pub use generate::Generator;
pub use host::Line;
pub use instance::Instance;
use library::Library;
pub use value::{Resource, Value};

/// A plugin that was opened.
#[derive(Debug)]
pub struct Harness {
    description: Description,
    plugin: *mut c_void,
    // Unloaded last: everything above points into it.
    _library: Option<Library>,
}

// SAFETY: what `open` made is shared by all instances on all threads, as `c12_plugin.h` says.
unsafe impl Send for Harness {}
// SAFETY: as above.
unsafe impl Sync for Harness {}

impl Harness {
    /// Opens a plugin that is part of this program, with settings by key.
    ///
    /// # Errors
    ///
    /// What is wrong with its description or the settings, or why it cannot be opened.
    pub fn open(describe: abi::Describe, settings: &[(&str, &str)]) -> Result<Self, HarnessError> {
        // SAFETY: a plugin's function is called as `c12_plugin.h` says.
        let description = unsafe { Description::read(describe) }?;
        Self::start(description, settings, None)
    }

    /// Loads a library and opens the plugin in it.
    ///
    /// The library's code runs with the rights of this program.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open), or why it cannot be loaded.
    pub fn load(path: &Path, settings: &[(&str, &str)]) -> Result<Self, HarnessError> {
        let library = Library::load(path)?;
        let describe = library.describe()?;
        // SAFETY: the library has the symbol of a plugin.
        let description = unsafe { Description::read(describe) }?;
        Self::start(description, settings, Some(library))
    }

    fn start(
        description: Description,
        settings: &[(&str, &str)],
        library: Option<Library>,
    ) -> Result<Self, HarnessError> {
        let settings = settings::check(&description.keys, settings)?;
        let mut plugin = std::ptr::null_mut();
        if let Some(open) = description.open {
            let given = settings.as_abi();
            let mut call = host::Call::default();
            // SAFETY: all of it is as `open` expects, and lives until it returns.
            let status = unsafe { open(call.as_abi(), &given.settings, &mut plugin) };
            call.finish(status).map_err(HarnessError::Open)?;
        }
        Ok(Harness {
            description,
            plugin,
            _library: library,
        })
    }

    /// What users call the plugin.
    pub fn name(&self) -> &str {
        &self.description.name
    }

    /// The plugin's version.
    pub fn version(&self) -> &str {
        &self.description.version
    }

    /// What the plugin says that it is for.
    pub fn description(&self) -> &str {
        &self.description.about
    }

    /// What it provides.
    pub fn world(&self) -> &World {
        &self.description.world
    }

    /// The functions of its world, with what the table says of each.
    pub fn functions(&self) -> &[Entry] {
        &self.description.functions
    }

    /// The settings that it knows.
    pub fn keys(&self) -> &[KeyEntry] {
        &self.description.keys
    }

    /// What it has logged, from all instances, oldest first; the last 1,000 lines of the process are kept.
    pub fn logs(&self) -> Vec<Line> {
        host::logs(self.name())
    }

    /// Makes what one instance of a guest has.
    ///
    /// # Errors
    ///
    /// Why the plugin cannot.
    pub fn instantiate(&self) -> Result<Instance<'_>, HarnessError> {
        Instance::new(self)
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        if let Some(close) = self.description.close {
            // SAFETY: `open` made it, and instances borrow the harness, so all of them ended.
            unsafe { close(self.plugin) };
        }
    }
}
