//! One walk through a binary, from the first byte to the last: every section is validated and counted.

mod module;

use std::ops::Range;

use wasmparser::{
    Encoding, FuncValidatorAllocations, Parser, Payload, ValidPayload, Validator, WasmFeatures,
    types::Types,
};

use super::component::ComponentItems;
use super::custom::{Custom, Place};
use super::error::InspectError;
use super::features::{Feature, Features};
use super::report::Module;
use super::sections::{self, Sections};
use crate::nesting;
use module::CoreItems;

/// What the walk found.
pub(super) struct Walk {
    pub(super) sections: Sections,
    pub(super) features: Features,
    pub(super) custom: Custom,
    pub(super) modules: Vec<Module>,
    /// How many modules did not fit in the list.
    pub(super) omitted_modules: u64,
    /// Imports and exports, if the file is a core module.
    pub(super) core: CoreItems,
    /// Imports and exports, if the file is a component.
    pub(super) component: ComponentItems,
    /// The types of the file's own level.
    pub(super) types: Option<Types>,
    /// Size of all sections of components that declare types and items: what decoding WIT would have to read.
    pub(super) interface_size: u64,
    max_list: usize,
    max_depth: usize,
}

/// A module or component that has been entered and not left.
struct Level {
    path: String,
    start: usize,
    /// The end of the last section: where the next one's header starts.
    end: usize,
    modules: u32,
    components: u32,
    /// For a core module.
    module: Option<Module>,
    imported_globals: u32,
}

impl Walk {
    fn new(max_list: usize, max_depth: usize) -> Self {
        Self {
            sections: Sections::new(max_list),
            features: Features::default(),
            custom: Custom::new(max_list),
            modules: Vec::new(),
            omitted_modules: 0,
            core: CoreItems::new(max_list),
            component: ComponentItems::new(max_list),
            types: None,
            interface_size: 0,
            max_list,
            max_depth,
        }
    }

    /// Walks through `bytes`, which start as a binary does.
    pub(super) fn through(
        bytes: &[u8],
        max_list: usize,
        max_depth: usize,
    ) -> Result<Self, InspectError> {
        let mut walk = Self::new(max_list, max_depth);
        let mut validator = Validator::new_with_features(WasmFeatures::all());
        let mut allocations = FuncValidatorAllocations::default();
        let mut levels: Vec<Level> = Vec::new();
        let mut entered = String::new();
        for payload in Parser::new(0).parse_all(bytes) {
            let payload = payload.map_err(|error| InspectError::malformed(&error))?;
            if let Payload::ComponentTypeSection(section) = &payload {
                nesting::type_section(bytes, section.range())?;
            }
            let valid = validator
                .payload(&payload)
                .map_err(|error| InspectError::invalid(&error))?;
            if let ValidPayload::Func(function, body) = valid {
                let validator = function.into_validator(std::mem::take(&mut allocations));
                allocations = module::function(validator, &body, &mut walk.features)?;
                continue;
            }
            match &payload {
                Payload::Version {
                    encoding, range, ..
                } => {
                    levels.push(walk.enter(std::mem::take(&mut entered), *encoding, range));
                }
                Payload::ModuleSection {
                    unchecked_range, ..
                } => {
                    entered = walk.nested(&mut levels, unchecked_range, "module")?;
                }
                Payload::ComponentSection {
                    unchecked_range, ..
                } => {
                    entered = walk.nested(&mut levels, unchecked_range, "component")?;
                }
                Payload::End(offset) => {
                    if let ValidPayload::End(types) = valid {
                        walk.types = Some(types);
                    }
                    if let Some(level) = levels.pop() {
                        walk.leave(level, *offset);
                    }
                }
                _ => {
                    let outer = levels.len() == 1;
                    let Some(level) = levels.last_mut() else {
                        continue;
                    };
                    walk.section(level, &payload);
                    walk.content(level, outer, &payload, &validator)
                        .map_err(|error| InspectError::malformed(&error))?;
                }
            }
        }
        Ok(walk)
    }

    fn enter(&mut self, path: String, encoding: Encoding, range: &Range<usize>) -> Level {
        let module = match encoding {
            Encoding::Module => Some(Module {
                path: path.clone(),
                ..Module::default()
            }),
            Encoding::Component => {
                self.features.add(Feature::ComponentModel, range.start);
                None
            }
        };
        Level {
            path,
            start: range.start,
            end: range.end,
            modules: 0,
            components: 0,
            module,
            imported_globals: 0,
        }
    }

    /// Counts the section of a nested module or component, and returns the path of what is in it.
    fn nested(
        &mut self,
        levels: &mut [Level],
        content: &Range<usize>,
        what: &'static str,
    ) -> Result<String, InspectError> {
        nesting::components(levels.len(), self.max_depth, content.start)?;
        let depth = levels.len().saturating_sub(1);
        let Some(level) = levels.last_mut() else {
            return Ok(String::new());
        };
        let counter = if what == "module" {
            &mut level.modules
        } else {
            &mut level.components
        };
        let index = *counter;
        *counter += 1;
        let path = join(&level.path, &format!("{what}[{index}]"));
        self.sections
            .add(path.clone(), depth as u32, &(level.end..content.end));
        level.end = content.end;
        Ok(path)
    }

    fn leave(&mut self, level: Level, end: usize) {
        let Some(mut module) = level.module else {
            return;
        };
        self.features.end_module();
        module.size = end.saturating_sub(level.start) as u64;
        if self.modules.len() < self.max_list {
            self.modules.push(module);
        } else {
            self.omitted_modules += 1;
        }
    }

    /// Counts the size of a section.
    fn section(&mut self, level: &mut Level, payload: &Payload<'_>) {
        let Some((name, content)) = sections::name_and_range(payload) else {
            return;
        };
        let range = level.end..content.end;
        if level.module.is_none() && !matches!(payload, Payload::CustomSection(_)) {
            self.interface_size += range.len() as u64;
        }
        let depth = level.path.bytes().filter(|byte| *byte == b'/').count()
            + usize::from(!level.path.is_empty());
        self.sections
            .add(join(&level.path, &name), depth as u32, &range);
        level.end = content.end;
    }

    /// Takes in what is in a section.
    fn content(
        &mut self,
        level: &mut Level,
        outer: bool,
        payload: &Payload<'_>,
        validator: &Validator,
    ) -> wasmparser::Result<()> {
        if let Payload::CustomSection(section) = payload {
            if section.name() == "metadata.code.branch_hint" {
                self.features
                    .add(Feature::BranchHinting, section.data_offset());
            }
            self.custom.add(
                section,
                Place {
                    path: &level.path,
                    module: level.module.as_mut(),
                },
            );
            return Ok(());
        }
        if let Some(module) = &mut level.module {
            let mut visit = module::Visit {
                module,
                imported_globals: &mut level.imported_globals,
                features: &mut self.features,
                items: outer.then_some(&mut self.core),
            };
            return visit.section(payload);
        }
        self.component_section(outer, payload, validator)
    }

    fn component_section(
        &mut self,
        outer: bool,
        payload: &Payload<'_>,
        validator: &Validator,
    ) -> wasmparser::Result<()> {
        let features = &mut self.features;
        match payload {
            Payload::CoreTypeSection(section) => {
                for ty in section.clone().into_iter_with_offsets() {
                    let (offset, ty) = ty?;
                    if let wasmparser::CoreType::Rec(group) = ty {
                        features.rec_group(&group, offset);
                    }
                }
            }
            Payload::ComponentTypeSection(section) => {
                for ty in section.clone().into_iter_with_offsets() {
                    let (offset, ty) = ty?;
                    features.component_type(&ty, offset);
                }
            }
            Payload::ComponentCanonicalSection(section) => {
                for function in section.clone().into_iter_with_offsets() {
                    let (offset, function) = function?;
                    features.canonical(&function, offset);
                }
            }
            Payload::ComponentStartSection { range, .. } => {
                features.add(Feature::ComponentModelValues, range.start);
            }
            Payload::ComponentImportSection(section) => {
                for import in section.clone().into_iter_with_offsets() {
                    let (offset, import) = import?;
                    features.extern_item(&import.name, &import.ty, offset);
                    if let Some(types) = validator.types(0).filter(|_| outer) {
                        self.component.import(&import, types);
                    }
                }
            }
            Payload::ComponentExportSection(section) => {
                for export in section.clone() {
                    let export = export?;
                    if let Some(types) = validator.types(0).filter(|_| outer) {
                        self.component.export(&export, types);
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}/{name}")
    }
}
