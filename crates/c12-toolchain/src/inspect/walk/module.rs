//! The sections of a core module.

use wasmparser::{
    ExternalKind, FuncType, FuncValidator, FuncValidatorAllocations, FunctionBody, GlobalType,
    MemoryType, Payload, Result, TableInit, TableType, TypeRef, ValidatorResources,
};

use crate::InspectError;
use crate::inspect::features::{Feature, Features};
use crate::inspect::report::{Export, Import, Item, Memory, Module, Start, Table};

/// How many characters of a type are kept.
const MAX_TYPE: usize = 400;

/// Validates a function and counts its features.
pub(super) fn function(
    mut validator: FuncValidator<ValidatorResources>,
    body: &FunctionBody<'_>,
    features: &mut Features,
) -> Result<FuncValidatorAllocations, InspectError> {
    let malformed = |error: wasmparser::Error| InspectError::malformed(&error);
    let invalid = |error: wasmparser::Error| InspectError::invalid(&error);
    let mut locals = body.get_locals_reader().map_err(malformed)?;
    for _ in 0..locals.get_count() {
        let offset = locals.original_position();
        let (count, ty) = locals.read().map_err(malformed)?;
        features.value_type(ty, offset);
        validator
            .define_locals(offset, count, ty)
            .map_err(invalid)?;
    }
    let mut operators = body.get_operators_reader().map_err(malformed)?;
    while !operators.eof() {
        let (operator, offset) = operators.read_with_offset().map_err(malformed)?;
        validator.op(offset, &operator).map_err(invalid)?;
        features.operator(&operator, offset);
    }
    operators.finish().map_err(malformed)?;
    Ok(validator.into_allocations())
}

/// Imports and exports of the file itself.
#[derive(Debug, Default)]
pub(in crate::inspect) struct CoreItems {
    pub(in crate::inspect) imports: Vec<Import>,
    pub(in crate::inspect) exports: Vec<Export>,
    /// How many of each did not fit in the lists.
    pub(in crate::inspect) omitted: u64,
    limit: usize,
    /// The function types, by index; other types are `None`.
    types: Vec<Option<FuncType>>,
    /// For each function, imported or defined, the index of its type.
    functions: Vec<u32>,
    globals: Vec<GlobalType>,
    tables: Vec<TableType>,
    memories: Vec<MemoryType>,
    tags: Vec<u32>,
}

impl CoreItems {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    fn func(&self, type_index: u32) -> Option<String> {
        let ty = self.types.get(type_index as usize)?.as_ref()?;
        Some(cut(ty.to_string()))
    }

    fn import(&mut self, import: &wasmparser::Import<'_>) {
        let (kind, ty) = match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => ("func", self.func(ty)),
            TypeRef::Table(ty) => ("table", Some(table(&ty))),
            TypeRef::Memory(ty) => ("memory", Some(memory(&ty))),
            TypeRef::Global(ty) => ("global", Some(global(&ty))),
            TypeRef::Tag(ty) => ("tag", self.func(ty.func_type_idx)),
        };
        if self.imports.len() >= self.limit {
            self.omitted += 1;
            return;
        }
        self.imports.push(Import {
            module: import.module.to_owned(),
            name: Some(import.name.to_owned()),
            item: Item {
                kind,
                ty,
                ..Item::default()
            },
            provider: None,
        });
    }

    fn export(&mut self, export: &wasmparser::Export<'_>) {
        let index = export.index as usize;
        let (kind, ty) = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => (
                "func",
                self.functions.get(index).and_then(|ty| self.func(*ty)),
            ),
            ExternalKind::Table => ("table", self.tables.get(index).map(table)),
            ExternalKind::Memory => ("memory", self.memories.get(index).map(memory)),
            ExternalKind::Global => ("global", self.globals.get(index).map(global)),
            ExternalKind::Tag => ("tag", self.tags.get(index).and_then(|ty| self.func(*ty))),
        };
        if self.exports.len() >= self.limit {
            self.omitted += 1;
            return;
        }
        self.exports.push(Export {
            name: export.name.to_owned(),
            item: Item {
                kind,
                ty,
                ..Item::default()
            },
        });
    }

    /// Whether an export is a global that can change.
    fn exports_mutable(&self, export: &wasmparser::Export<'_>) -> bool {
        let global = self.globals.get(export.index as usize);
        export.kind == ExternalKind::Global && global.is_some_and(|ty| ty.mutable)
    }
}

/// What one section of a module is taken into.
pub(super) struct Visit<'a> {
    pub(super) module: &'a mut Module,
    pub(super) imported_globals: &'a mut u32,
    pub(super) features: &'a mut Features,
    /// The items of the file itself; `None` in nested modules, whose imports and exports the component connects.
    pub(super) items: Option<&'a mut CoreItems>,
}

impl Visit<'_> {
    /// Takes in a section other than code and custom sections.
    pub(super) fn section(&mut self, payload: &Payload<'_>) -> Result<()> {
        match payload {
            Payload::TypeSection(section) => {
                for group in section.clone().into_iter_with_offsets() {
                    let (offset, group) = group?;
                    self.features.rec_group(&group, offset);
                    if let Some(items) = &mut self.items {
                        items.types.extend(group.into_types().map(
                            |ty| match ty.composite_type.inner {
                                wasmparser::CompositeInnerType::Func(ty) => Some(ty),
                                _ => None,
                            },
                        ));
                    }
                }
            }
            Payload::ImportSection(section) => {
                for imports in section.clone() {
                    let imports = imports?;
                    if !matches!(imports, wasmparser::Imports::Single(..)) {
                        self.features
                            .add(Feature::CompactImports, section.range().start);
                    }
                    for import in imports {
                        let (offset, import) = import?;
                        self.import(&import, offset);
                    }
                }
            }
            Payload::FunctionSection(section) => {
                self.module.functions += u64::from(section.count());
                if let Some(items) = &mut self.items {
                    for ty in section.clone() {
                        items.functions.push(ty?);
                    }
                }
            }
            Payload::TableSection(section) => {
                for table in section.clone().into_iter_with_offsets() {
                    let (offset, table) = table?;
                    self.table(&table.ty, false, offset);
                    if let TableInit::Expr(expr) = &table.init {
                        self.features.add(Feature::FunctionReferences, offset);
                        self.features.const_expr(expr, *self.imported_globals)?;
                    }
                }
            }
            Payload::MemorySection(section) => {
                for memory in section.clone().into_iter_with_offsets() {
                    let (offset, memory) = memory?;
                    self.memory(&memory, false, offset);
                }
            }
            Payload::TagSection(section) => {
                for tag in section.clone().into_iter_with_offsets() {
                    let (offset, tag) = tag?;
                    self.tag(tag.func_type_idx, offset);
                }
            }
            Payload::GlobalSection(section) => {
                for global in section.clone().into_iter_with_offsets() {
                    let (offset, global) = global?;
                    self.features
                        .const_expr(&global.init_expr, *self.imported_globals)?;
                    self.global(&global.ty, false, offset);
                }
            }
            Payload::ExportSection(section) => self.exports(section)?,
            Payload::StartSection { func, .. } => {
                self.module.start = Some(Start {
                    function: *func,
                    name: None,
                })
            }
            Payload::ElementSection(section) => {
                for element in section.clone() {
                    self.features.element(&element?, *self.imported_globals)?;
                }
            }
            Payload::DataCountSection { range, .. } => {
                self.features.add(Feature::BulkMemory, range.start)
            }
            Payload::DataSection(section) => {
                for data in section.clone() {
                    self.features.data(&data?, *self.imported_globals)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn import(&mut self, import: &wasmparser::Import<'_>, offset: usize) {
        match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                self.module.imported_functions += 1;
                if let Some(items) = &mut self.items {
                    items.functions.push(ty);
                }
            }
            TypeRef::Table(ty) => self.table(&ty, true, offset),
            TypeRef::Memory(ty) => self.memory(&ty, true, offset),
            TypeRef::Global(ty) => {
                *self.imported_globals += 1;
                self.global(&ty, true, offset);
            }
            TypeRef::Tag(ty) => self.tag(ty.func_type_idx, offset),
        }
        if let Some(items) = &mut self.items {
            items.import(import);
        }
    }

    fn exports(&mut self, section: &wasmparser::ExportSectionReader<'_>) -> Result<()> {
        self.module.exports += u64::from(section.count());
        for export in section.clone().into_iter_with_offsets() {
            let (offset, export) = export?;
            if let Some(items) = &mut self.items {
                if items.exports_mutable(&export) {
                    self.features.add(Feature::MutableGlobals, offset);
                }
                items.export(&export);
            }
        }
        Ok(())
    }

    fn memory(&mut self, ty: &MemoryType, imported: bool, offset: usize) {
        self.features.memory(ty, self.module.memories.len(), offset);
        self.module.memories.push(Memory {
            imported,
            minimum: ty.initial,
            maximum: ty.maximum,
            page_size: 1 << ty.page_size_log2.unwrap_or(16),
            memory64: ty.memory64,
            shared: ty.shared,
        });
        if let Some(items) = &mut self.items {
            items.memories.push(*ty);
        }
    }

    fn table(&mut self, ty: &TableType, imported: bool, offset: usize) {
        self.features.table(ty, self.module.tables.len(), offset);
        self.module.tables.push(Table {
            imported,
            element: ty.element_type.to_string(),
            minimum: ty.initial,
            maximum: ty.maximum,
            table64: ty.table64,
        });
        if let Some(items) = &mut self.items {
            items.tables.push(*ty);
        }
    }

    fn global(&mut self, ty: &GlobalType, imported: bool, offset: usize) {
        self.features.global(ty, imported, offset);
        self.module.globals += 1;
        if let Some(items) = &mut self.items {
            items.globals.push(*ty);
        }
    }

    fn tag(&mut self, ty: u32, offset: usize) {
        self.features.tag(offset);
        if let Some(items) = &mut self.items {
            items.tags.push(ty);
        }
    }
}

/// A memory's type in the words of the text format.
fn memory(ty: &MemoryType) -> String {
    let index = if ty.memory64 { "i64 " } else { "" };
    let shared = if ty.shared { " shared" } else { "" };
    let page = ty.page_size_log2.map_or(String::new(), |log2| {
        format!(" (pagesize {})", 1_u64 << log2)
    });
    format!(
        "(memory {index}{}{shared}{page})",
        limits(ty.initial, ty.maximum)
    )
}

/// A table's type in the words of the text format.
fn table(ty: &TableType) -> String {
    let index = if ty.table64 { "i64 " } else { "" };
    format!(
        "(table {index}{} {})",
        limits(ty.initial, ty.maximum),
        ty.element_type
    )
}

/// A global's type in the words of the text format.
fn global(ty: &GlobalType) -> String {
    let shared = if ty.shared { "shared " } else { "" };
    if ty.mutable {
        format!("(global ({shared}mut {}))", ty.content_type)
    } else {
        format!("(global {shared}{})", ty.content_type)
    }
}

fn limits(minimum: u64, maximum: Option<u64>) -> String {
    maximum.map_or_else(
        || minimum.to_string(),
        |maximum| format!("{minimum} {maximum}"),
    )
}

/// Cuts a type with very many parameters. Types are ASCII.
fn cut(mut ty: String) -> String {
    if ty.len() > MAX_TYPE {
        ty.truncate(MAX_TYPE);
        ty.push('…');
    }
    ty
}
