//! What an inspection finds: the shape of `c12 inspect --json`.
//!
//! Field names and the identifiers given as strings are stable: fields may be added, none is renamed. Sizes and
//! offsets are in bytes. Offsets count from the start of the binary; for text input, of the binary it encodes to.

use serde::{Serialize, Serializer};

use super::features::Feature;
use super::role::Role;
use crate::detect::Kind;

/// All that an inspection finds in one file.
///
/// Lists that a file could make very long are cut at [`InspectOptions::max_list`](super::InspectOptions::max_list);
/// [`notes`](Self::notes) then says by how much. Its [`Display`](std::fmt::Display) is the report for people.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// What the file is; in JSON its [`id`](Kind::id), for example `component`.
    #[serde(serialize_with = "kind_id")]
    pub kind: Kind,
    /// Size of the file.
    pub size: u64,
    /// Size of the binary: other than [`size`](Self::size) only for text, which is encoded first.
    pub binary_size: u64,
    /// What the file can be used as, for example as a `wasi:cli` command. Empty for precompiled artifacts.
    pub roles: Vec<Role>,
    /// Name, version, licence and so on, as the file states them itself.
    pub metadata: Metadata,
    /// The tools that made it.
    pub producers: Vec<Producer>,
    /// What it imports, in the file's order.
    pub imports: Vec<Import>,
    /// What it exports, in the file's order.
    pub exports: Vec<Export>,
    /// WebAssembly features beyond the first version that it uses, oldest first.
    pub features: Vec<FeatureUse>,
    /// The core modules in it, with their memories, tables and start functions: one for a core module, those
    /// nested at any depth for a component.
    pub modules: Vec<Module>,
    /// Its sections, those of nested modules and components below the section that holds them.
    pub sections: Vec<Section>,
    /// Debug information in it.
    pub debug_info: DebugInfo,
    /// A component's world in WIT, with the packages that it refers to.
    pub wit: Option<String>,
    /// What could not be shown, and why, one sentence each.
    pub notes: Vec<String>,
}

impl Report {
    /// A report that tells nothing yet but kind and size.
    pub(super) fn new(kind: Kind, size: usize) -> Self {
        Self {
            kind,
            size: size as u64,
            binary_size: size as u64,
            roles: Vec::new(),
            metadata: Metadata::default(),
            producers: Vec::new(),
            imports: Vec::new(),
            exports: Vec::new(),
            features: Vec::new(),
            modules: Vec::new(),
            sections: Vec::new(),
            debug_info: DebugInfo::default(),
            wit: None,
            notes: Vec::new(),
        }
    }

    /// A component's world as WIT text, which `wit-parser` accepts. `None` for core modules, and for the few
    /// components that WIT cannot describe (a sentence in [`notes`](Self::notes) says why).
    #[must_use]
    pub fn wit(&self) -> Option<&str> {
        self.wit.as_deref()
    }
}

fn kind_id<S: Serializer>(kind: &Kind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.id())
}

/// What a file says about itself, in custom sections. Nothing of this is verified by anyone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Metadata {
    /// Name, from the name section.
    pub name: Option<String>,
    /// Version of the packaged software.
    pub version: Option<String>,
    /// A description for people.
    pub description: Option<String>,
    /// Who made it.
    pub authors: Option<String>,
    /// Licences, as an SPDX expression.
    pub licenses: Option<String>,
    /// Where the source code is.
    pub source: Option<String>,
    /// Where to find more about it.
    pub homepage: Option<String>,
    /// Revision of the source code.
    pub revision: Option<String>,
}

/// A tool that had part in making the file (the `producers` section of the tool conventions).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Producer {
    /// Which module or component says so: empty for the file itself, else as in [`Section::path`].
    pub path: String,
    /// `language`, `processed-by` or `sdk`.
    pub field: String,
    /// Name of the language or tool.
    pub name: String,
    /// Its version; may be empty.
    pub version: String,
}

/// Something that must be provided for the file to run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Import {
    /// For a core module the import's module, for a component the import's whole name.
    pub module: String,
    /// For a core module the import's name within the module; `null` for a component.
    pub name: Option<String>,
    /// What is imported.
    #[serde(flatten)]
    pub item: Item,
    /// Who provides it, where the caller of [`inspect`](super::inspect()) told.
    pub provider: Option<Provider>,
}

/// Something that the file offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Export {
    /// The export's name.
    pub name: String,
    /// What is exported.
    #[serde(flatten)]
    pub item: Item,
}

/// What an import or export is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Item {
    /// `func`, `table`, `memory`, `global`, `tag`, `instance`, `type`, `component`, `module` or `value`.
    pub kind: &'static str,
    /// Its type: in the words of the text format for core modules, of WIT for functions of components. `null` for
    /// instances, whose types are those of their functions.
    #[serde(rename = "type")]
    pub ty: Option<String>,
    /// For an instance that implements a WIT interface, the parts of its name.
    pub interface: Option<Interface>,
    /// For an instance, its functions.
    pub functions: Vec<Function>,
    /// For an instance, the resource types that it defines.
    pub resources: Vec<String>,
}

/// The parts of an interface's name, for example of `wasi:cli/run@0.2.3`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Interface {
    /// `wasi`.
    pub namespace: String,
    /// `cli`.
    pub package: String,
    /// `run`.
    pub name: String,
    /// `0.2.3`.
    pub version: Option<String>,
}

/// A function of an interface.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Function {
    /// Its name, for example `[method]descriptor.read`.
    pub name: String,
    /// Its type in WIT, or `null` where it could not be told.
    #[serde(rename = "type")]
    pub ty: Option<String>,
}

/// Who provides an import, as the caller of [`inspect`](super::inspect()) knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Provider {
    /// Name of the provider, for example of a plugin.
    pub name: String,
    /// What it serves, where that differs from what is asked, for example `wasi:cli/run@0.2.12`.
    pub serves: Option<String>,
}

impl Provider {
    /// A provider that serves exactly what is asked.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            serves: None,
        }
    }
}

/// How a file uses a feature of WebAssembly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FeatureUse {
    /// Which feature.
    pub feature: Feature,
    /// The release of the specification that has it: `2.0` or `3.0`, else `proposal`, `legacy` or
    /// `component-model`.
    pub since: &'static str,
    /// How many instructions, types and declarations need it.
    pub uses: u64,
    /// Where the first of them is.
    pub first_offset: u64,
}

/// A core module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Module {
    /// Where it is: empty for the file itself, else as in [`Section::path`].
    pub path: String,
    /// Its name, from the name section.
    pub name: Option<String>,
    /// Its size.
    pub size: u64,
    /// Number of functions imported.
    pub imported_functions: u64,
    /// Number of functions defined.
    pub functions: u64,
    /// Number of globals, imported ones included.
    pub globals: u64,
    /// Number of exports.
    pub exports: u64,
    /// Its memories, imported ones first.
    pub memories: Vec<Memory>,
    /// Its tables, imported ones first.
    pub tables: Vec<Table>,
    /// The function that runs when the module is instantiated.
    pub start: Option<Start>,
}

/// A linear memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Memory {
    /// Whether it is imported.
    pub imported: bool,
    /// Size at the start, in pages.
    pub minimum: u64,
    /// Size that it may grow to, in pages.
    pub maximum: Option<u64>,
    /// Size of a page: 65536 but for modules that use custom page sizes.
    pub page_size: u64,
    /// Whether addresses have 64 bits.
    pub memory64: bool,
    /// Whether threads share it.
    pub shared: bool,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Table {
    /// Whether it is imported.
    pub imported: bool,
    /// Type of the elements, for example `funcref`.
    pub element: String,
    /// Number of elements at the start.
    pub minimum: u64,
    /// Number of elements that it may grow to.
    pub maximum: Option<u64>,
    /// Whether indices have 64 bits.
    pub table64: bool,
}

/// A start function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Start {
    /// Index of the function.
    pub function: u32,
    /// Its name, from the name section.
    pub name: Option<String>,
}

/// The sections of one name at one place. Components have many sections of the same name; they are summed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Section {
    /// Where it is, from the outside in: `code`, `module[2]/code`, `component[0]/module[1]/custom "name"`. Modules and
    /// components count separately, from zero, within the component that holds them.
    pub path: String,
    /// How deep it is: 0 for the file's own sections.
    pub depth: u32,
    /// Its size, headers included. The sections of one level and the 8 bytes of its preamble add up to the level above.
    pub size: u64,
    /// Where the first of them starts.
    pub offset: u64,
    /// How many sections these are.
    pub count: u64,
}

/// Debug information.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DebugInfo {
    /// DWARF sections, each with the sum of its sizes in all modules.
    pub dwarf: Vec<DwarfSection>,
    /// Size of the name sections of all modules and components.
    pub name_section_size: u64,
    /// How many functions have a name.
    pub named_functions: u64,
    /// Where source maps are.
    pub source_maps: Vec<String>,
    /// Files that hold the debug information of this one.
    pub external: Vec<String>,
    /// Build identifiers, in hexadecimal.
    pub build_ids: Vec<String>,
}

impl DebugInfo {
    /// Size of all DWARF sections.
    #[must_use]
    pub fn dwarf_size(&self) -> u64 {
        self.dwarf.iter().map(|section| section.size).sum()
    }
}

/// A section of DWARF.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DwarfSection {
    /// For example `.debug_info`.
    pub name: String,
    /// Its size without headers.
    pub size: u64,
}
