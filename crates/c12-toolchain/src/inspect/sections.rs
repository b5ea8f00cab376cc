//! Sizes by section.

use std::collections::HashMap;
use std::ops::Range;

use wasmparser::Payload;

use super::report::Section;
use crate::printable::shown;

/// Sections met so far, those of one path summed.
#[derive(Debug)]
pub(super) struct Sections {
    list: Vec<Section>,
    by_path: HashMap<String, usize>,
    limit: usize,
    /// How many sections did not fit in the list.
    pub(super) omitted: u64,
}

impl Sections {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            list: Vec::new(),
            by_path: HashMap::new(),
            limit,
            omitted: 0,
        }
    }

    /// Counts a section. `range` includes its header.
    pub(super) fn add(&mut self, path: String, depth: u32, range: &Range<usize>) {
        let size = range.len() as u64;
        let known = self
            .by_path
            .get(&path)
            .and_then(|index| self.list.get_mut(*index));
        if let Some(section) = known {
            section.size += size;
            section.count += 1;
        } else if self.list.len() >= self.limit {
            self.omitted += 1;
        } else {
            self.by_path.insert(path.clone(), self.list.len());
            self.list.push(Section {
                path,
                depth,
                size,
                offset: range.start as u64,
                count: 1,
            });
        }
    }

    pub(super) fn finish(self) -> Vec<Section> {
        self.list
    }
}

/// The name of a section that is neither a nested module nor a nested component, and where its content is.
pub(super) fn name_and_range(payload: &Payload<'_>) -> Option<(String, Range<usize>)> {
    use Payload as P;
    let name = match payload {
        P::TypeSection(_) | P::ComponentTypeSection(_) => "type",
        P::ImportSection(_) | P::ComponentImportSection(_) => "import",
        P::FunctionSection(_) => "function",
        P::TableSection(_) => "table",
        P::MemorySection(_) => "memory",
        P::TagSection(_) => "tag",
        P::GlobalSection(_) => "global",
        P::ExportSection(_) | P::ComponentExportSection(_) => "export",
        P::StartSection { .. } | P::ComponentStartSection { .. } => "start",
        P::ElementSection(_) => "element",
        P::DataCountSection { .. } => "data count",
        P::DataSection(_) => "data",
        P::CodeSectionStart { .. } => "code",
        P::InstanceSection(_) => "core instance",
        P::CoreTypeSection(_) => "core type",
        P::ComponentInstanceSection(_) => "instance",
        P::ComponentAliasSection(_) => "alias",
        P::ComponentCanonicalSection(_) => "canon",
        P::CustomSection(section) => {
            return Some((
                format!("custom \"{}\"", shown(section.name())),
                section.range(),
            ));
        }
        _ => return None,
    };
    payload
        .as_section()
        .map(|(_, range)| (name.to_owned(), range))
}
