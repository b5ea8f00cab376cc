//! Custom sections: names, producers, what a file says about itself, debug information.

use wasm_metadata::Producers;
use wasmparser::{
    ComponentName, ComponentNameSectionReader, CustomSectionReader, Name, NameSectionReader,
};

use super::report::{DebugInfo, DwarfSection, Metadata, Module, Producer};
use crate::printable::shown;

/// How many bytes of a text in a custom section are kept.
const MAX_TEXT: usize = 4096;
/// How many bytes of a build identifier are kept.
const MAX_BUILD_ID: usize = 64;
/// How many sentences are kept on what could not be read.
const MAX_NOTES: usize = 50;

/// What the custom sections of a file say.
#[derive(Debug, Default)]
pub(super) struct Custom {
    pub(super) metadata: Metadata,
    pub(super) producers: Vec<Producer>,
    pub(super) debug_info: DebugInfo,
    /// A `linking` section in the file itself: an object file.
    pub(super) linking: bool,
    /// A `dylink.0` section in the file itself: a shared library.
    pub(super) dylink: bool,
    /// A `component-type` section in the file itself: a world for a componentizer.
    pub(super) component_type: bool,
    pub(super) notes: Vec<String>,
    pub(super) limit: usize,
}

/// Where a custom section stands.
pub(super) struct Place<'a> {
    /// Path of the module or component that holds it; empty for the file itself.
    pub(super) path: &'a str,
    /// The module, unless a component holds it.
    pub(super) module: Option<&'a mut Module>,
}

impl Custom {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// Takes in one custom section. None makes a file invalid, so one that cannot be read only makes a note.
    pub(super) fn add(&mut self, section: &CustomSectionReader<'_>, mut place: Place<'_>) {
        let outer = place.path.is_empty();
        let result = match section.name() {
            "name" => self.module_names(section, &mut place),
            "component-name" => self.component_names(section, &place),
            "producers" => self.producers(section, place.path),
            "sourceMappingURL" => text_with_length(section)
                .map(|url| push(&mut self.debug_info.source_maps, url, self.limit)),
            "external_debug_info" => text_with_length(section)
                .map(|file| push(&mut self.debug_info.external, file, self.limit)),
            "build_id" => {
                push(
                    &mut self.debug_info.build_ids,
                    build_id(section.data()),
                    self.limit,
                );
                Ok(())
            }
            name if name.starts_with(".debug_") => {
                self.dwarf(name, section.data().len());
                Ok(())
            }
            _ if !outer => Ok(()),
            "linking" => {
                self.linking = true;
                Ok(())
            }
            "dylink.0" => {
                self.dylink = true;
                Ok(())
            }
            name if name == "component-type" || name.starts_with("component-type:") => {
                self.component_type = true;
                Ok(())
            }
            name => {
                self.own_text(name, section.data());
                Ok(())
            }
        };
        if let Err(why) = result {
            let name = shown(section.name());
            self.note(format!(
                "the custom section `{name}` at byte {:#x} cannot be read: {why}",
                section.data_offset()
            ));
        }
    }

    /// Keeps a sentence for the report.
    pub(super) fn note(&mut self, note: String) {
        push(&mut self.notes, note, MAX_NOTES);
    }

    fn module_names(
        &mut self,
        section: &CustomSectionReader<'_>,
        place: &mut Place<'_>,
    ) -> Result<(), String> {
        self.debug_info.name_section_size += section.data().len() as u64;
        for subsection in NameSectionReader::new(section.data_reader()) {
            match subsection.map_err(|error| error.to_string())? {
                Name::Module { name, .. } => {
                    let name = cut(name);
                    if place.path.is_empty() {
                        self.metadata.name = Some(name.clone());
                    }
                    if let Some(module) = &mut place.module {
                        module.name = Some(name);
                    }
                }
                Name::Function(names) => {
                    for naming in names {
                        let naming = naming.map_err(|error| error.to_string())?;
                        self.debug_info.named_functions += 1;
                        let start = place
                            .module
                            .as_mut()
                            .and_then(|module| module.start.as_mut());
                        if let Some(start) = start.filter(|start| start.function == naming.index) {
                            start.name = Some(cut(naming.name));
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn component_names(
        &mut self,
        section: &CustomSectionReader<'_>,
        place: &Place<'_>,
    ) -> Result<(), String> {
        self.debug_info.name_section_size += section.data().len() as u64;
        for subsection in ComponentNameSectionReader::new(section.data_reader()) {
            if let ComponentName::Component { name, .. } =
                subsection.map_err(|error| error.to_string())?
                && place.path.is_empty()
            {
                self.metadata.name = Some(cut(name));
            }
        }
        Ok(())
    }

    fn producers(&mut self, section: &CustomSectionReader<'_>, path: &str) -> Result<(), String> {
        let producers = Producers::from_bytes(section.data(), section.data_offset())
            .map_err(|error| error.to_string())?;
        for (field, values) in producers.iter() {
            for (name, version) in values.iter() {
                let producer = Producer {
                    path: path.to_owned(),
                    field: cut(field),
                    name: cut(name),
                    version: cut(version),
                };
                push(&mut self.producers, producer, self.limit);
            }
        }
        Ok(())
    }

    fn dwarf(&mut self, name: &str, size: usize) {
        let dwarf = &mut self.debug_info.dwarf;
        match dwarf.iter_mut().find(|section| section.name == name) {
            Some(section) => section.size += size as u64,
            // DWARF has some twenty sections; a file with many more made them up.
            None => push(
                dwarf,
                DwarfSection {
                    name: cut(name),
                    size: size as u64,
                },
                64,
            ),
        }
    }

    /// What the file says about itself: each a section whose whole content is the text.
    fn own_text(&mut self, name: &str, data: &[u8]) {
        let metadata = &mut self.metadata;
        let field = match name {
            "version" => &mut metadata.version,
            "description" => &mut metadata.description,
            "authors" => &mut metadata.authors,
            "licenses" => &mut metadata.licenses,
            "source" => &mut metadata.source,
            "homepage" => &mut metadata.homepage,
            "revision" => &mut metadata.revision,
            _ => return,
        };
        if let Ok(text) = std::str::from_utf8(data) {
            *field = Some(cut(text));
        } else {
            self.note(format!("the custom section `{name}` is not UTF-8 text"));
        }
    }
}

/// The content of a section that is one text with its length before it.
fn text_with_length(section: &CustomSectionReader<'_>) -> Result<String, String> {
    section
        .data_reader()
        .read_string()
        .map(cut)
        .map_err(|error| error.to_string())
}

/// A build identifier has its length before it; some linkers write just the bytes.
fn build_id(data: &[u8]) -> String {
    let bytes = match data.split_first() {
        Some((length, rest)) if usize::from(*length) == rest.len() => rest,
        _ => data,
    };
    bytes
        .iter()
        .take(MAX_BUILD_ID)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Cuts a text to a length that is worth keeping.
fn cut(text: &str) -> String {
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

fn push<T>(list: &mut Vec<T>, item: T, limit: usize) {
    if list.len() < limit {
        list.push(item);
    }
}
