//! What is in a module or component.

mod component;
mod custom;
mod error;
pub mod features;
mod precompiled;
mod render;
pub mod report;
pub mod role;
mod sections;
mod walk;
mod wit;

pub use error::InspectError;

use std::fmt;

use crate::detect::{Kind, detect};
use crate::nesting::MAX_COMPONENT_DEPTH;
use crate::text;
use report::{Provider, Report};
use walk::Walk;

/// Tells who provides an import.
type ProviderLookup<'a> = dyn Fn(&ImportName<'_>) -> Option<Provider> + 'a;

/// What [`inspect`] looks for, and how much of it it lists.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct InspectOptions<'a> {
    /// Asked once per import who provides it. Without it, reports name no providers.
    pub providers: Option<&'a ProviderLookup<'a>>,
    /// How many entries each list of the report may have. What does not fit is counted in the notes.
    pub max_list: usize,
    /// How deep modules and components may be nested in each other.
    pub max_depth: usize,
    /// Whether to print the WIT of components. The types of their functions are told either way.
    pub wit: bool,
}

impl Default for InspectOptions<'_> {
    fn default() -> Self {
        Self {
            providers: None,
            max_list: 10_000,
            max_depth: MAX_COMPONENT_DEPTH,
            wit: true,
        }
    }
}

impl<'a> InspectOptions<'a> {
    /// Sets who is asked for the provider of an import.
    #[must_use]
    pub fn with_providers(mut self, providers: &'a ProviderLookup<'a>) -> Self {
        self.providers = Some(providers);
        self
    }

    /// Sets how many entries each list may have.
    #[must_use]
    pub fn with_max_list(mut self, max_list: usize) -> Self {
        self.max_list = max_list;
        self
    }

    /// Sets whether the WIT of components is printed.
    #[must_use]
    pub fn with_wit(mut self, wit: bool) -> Self {
        self.wit = wit;
        self
    }
}

impl fmt::Debug for InspectOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InspectOptions")
            .field("providers", &self.providers.is_some())
            .field("max_list", &self.max_list)
            .field("max_depth", &self.max_depth)
            .field("wit", &self.wit)
            .finish()
    }
}

/// The name of an import, as its provider is looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImportName<'a> {
    /// An import of a core module.
    Core {
        /// For example `wasi_snapshot_preview1`.
        module: &'a str,
        /// For example `fd_write`.
        name: &'a str,
    },
    /// An import of a component.
    Component {
        /// For example `wasi:cli/environment@0.2.3`, or a plain name.
        name: &'a str,
    },
}

/// Reports what is in `bytes`, the whole content of a file: a module or component, in the binary or text format, or a
/// precompiled artifact, of which only the sizes can be told.
///
/// All of it is validated on the way, with every feature allowed that the parser knows.
///
/// # Errors
///
/// [`InspectError`], with the offset, if the bytes are not WebAssembly, or malformed, or invalid.
pub fn inspect(bytes: &[u8], options: &InspectOptions<'_>) -> Result<Report, InspectError> {
    let kind = detect(bytes)?;
    let mut report = Report::new(kind, bytes.len());
    if kind.is_precompiled() {
        return precompiled_report(bytes, report, options);
    }
    let binary = text::encode(bytes)?;
    // Text decides by itself what it is; `(module binary "…")` may even hold bytes that are anything.
    let component = matches!(detect(&binary)?, Kind::Component);
    let walk = Walk::through(&binary, options.max_list, options.max_depth)?;
    report.binary_size = binary.len() as u64;
    let mut report = if component {
        component_report(&binary, walk, report, options)
    } else {
        module_report(walk, report)
    };
    if let Some(providers) = options.providers {
        for import in &mut report.imports {
            let name = match &import.name {
                Some(name) => ImportName::Core {
                    module: &import.module,
                    name,
                },
                None => ImportName::Component {
                    name: &import.module,
                },
            };
            import.provider = providers(&name);
        }
    }
    Ok(report)
}

fn precompiled_report(
    bytes: &[u8],
    mut report: Report,
    options: &InspectOptions<'_>,
) -> Result<Report, InspectError> {
    let artifact = precompiled::read(bytes, options.max_list)?;
    report.sections = artifact.sections;
    report.debug_info = artifact.debug_info;
    report.notes = vec![format!(
        "this is machine code for {}: imports, exports and features are told of the file it was compiled from",
        artifact.machine
    )];
    Ok(report)
}

fn module_report(mut walk: Walk, mut report: Report) -> Report {
    let core = std::mem::take(&mut walk.core);
    report.roles = role::of_module(&walk.custom, &core.imports, &core.exports);
    report.imports = core.imports;
    report.exports = core.exports;
    finish(walk, report, core.omitted)
}

fn component_report(
    binary: &[u8],
    mut walk: Walk,
    mut report: Report,
    options: &InspectOptions<'_>,
) -> Report {
    let items = std::mem::take(&mut walk.component);
    report.roles = role::of_component(&items.exports, items.is_wit_package());
    report.imports = items.imports;
    report.exports = items.exports;
    match wit::decode(binary, walk.interface_size, options.wit) {
        Ok(wit) => {
            for import in &mut report.imports {
                wit.type_import(&import.module, &mut import.item);
            }
            for export in &mut report.exports {
                wit.type_export(&export.name, &mut export.item);
            }
            match wit.text {
                Ok(text) => report.wit = Some(text).filter(|_| options.wit),
                Err(why) => walk.custom.note(why),
            }
        }
        Err(why) => walk.custom.note(why),
    }
    finish(walk, report, items.omitted)
}

/// Takes over what modules and components have in common.
fn finish(mut walk: Walk, mut report: Report, omitted_items: u64) -> Report {
    let omitted = [
        (omitted_items, "imports, exports and functions"),
        (walk.omitted_modules, "core modules"),
        (walk.sections.omitted, "sections"),
    ];
    for (count, what) in omitted {
        if count > 0 {
            walk.custom
                .note(format!("{count} more {what} are not listed"));
        }
    }
    report.metadata = walk.custom.metadata;
    report.producers = walk.custom.producers;
    report.debug_info = walk.custom.debug_info;
    report.notes = walk.custom.notes;
    report.features = walk.features.finish();
    report.modules = walk.modules;
    report.sections = walk.sections.finish();
    report
}
