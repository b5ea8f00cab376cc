//! What a plugin can see of the guest that calls it.
//!
//! The engine answers a host function with the exports of the calling instance by name, not with their list. The list
//! comes from the module, which the engine names in a backtrace: it is taken once for a linked guest, when a plugin first
//! asks for something of it.
//!
//! WasmEdge finds memories by their index, exported or not. Here a memory can be found if it is exported, and its index
//! is known if it is the only one, or the first of several and called `memory`, as compilers call it.

use std::sync::{Arc, OnceLock};

use c12::Context;
use wasmtime::{Caller, Extern, ExternType, Module, ModuleExport, WasmBacktrace};

/// The exports of a guest's module.
pub(crate) struct Shape {
    /// In the order of their names' bytes, as WasmEdge lists them.
    exports: Vec<Export>,
    /// Memories that the module imports or defines.
    memories: u32,
    /// The export by which the first of them is reached.
    first_memory: Option<usize>,
}

impl std::fmt::Debug for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.exports.iter().map(Export::name))
            .finish()
    }
}

/// What an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExportKind {
    Function,
    Table,
    Memory,
    Global,
    Tag,
}

/// An export.
pub(crate) struct Export {
    /// With a zero byte at the end, for plugins.
    name: Box<[u8]>,
    kind: ExportKind,
    index: ModuleExport,
}

impl Export {
    /// Without the zero byte.
    pub(crate) fn name(&self) -> &[u8] {
        self.name.split_last().map_or(&[], |(_, name)| name)
    }

    /// With the zero byte.
    pub(crate) fn terminated(&self) -> &[u8] {
        &self.name
    }
}

impl Shape {
    fn new(module: &Module) -> Self {
        let mut exports: Vec<Export> = module
            .exports()
            .filter_map(|export| {
                Some(Export {
                    name: export.name().bytes().chain([0]).collect(),
                    kind: kind(&export.ty()),
                    index: module.get_export_index(export.name())?,
                })
            })
            .collect();
        exports.sort_by(|one, other| one.name().cmp(other.name()));
        let imported = module
            .imports()
            .filter(|import| matches!(import.ty(), ExternType::Memory(_)))
            .count();
        let memories = u32::try_from(imported)
            .unwrap_or(u32::MAX)
            .saturating_add(module.resources_required().num_memories);
        let mut exported = exports.iter().enumerate().filter(|(_, export)| {
            export.kind == ExportKind::Memory && (memories == 1 || export.name() == b"memory")
        });
        let first_memory = exported.next().map(|(place, _)| place);
        Shape {
            exports,
            memories,
            first_memory,
        }
    }

    /// The shape of the module whose function calls, if WebAssembly calls.
    pub(super) fn of_caller<'a>(
        known: &'a OnceLock<Arc<Shape>>,
        caller: &mut Caller<'_, Context>,
    ) -> Option<&'a Arc<Shape>> {
        let shape = match known.get() {
            Some(shape) => shape,
            None => {
                let backtrace = WasmBacktrace::force_capture(&*caller);
                let module = backtrace.frames().first()?.module();
                known.get_or_init(|| Arc::new(Shape::new(module)))
            }
        };
        shape.is_of(caller).then_some(shape)
    }

    /// Whether an instance of this module is calling. One that exports nothing cannot be told from no caller at all; it
    /// has nothing to offer either.
    fn is_of(&self, caller: &mut Caller<'_, Context>) -> bool {
        self.exports
            .first()
            .is_none_or(|export| caller.get_module_export(&export.index).is_some())
    }

    /// The exports of a kind, with their places.
    pub(crate) fn of_kind(&self, kind: ExportKind) -> impl Iterator<Item = (usize, &Export)> {
        self.exports
            .iter()
            .enumerate()
            .filter(move |(_, export)| export.kind == kind)
    }

    /// How many exports there are.
    pub(crate) fn len(&self) -> usize {
        self.exports.len()
    }

    /// The export of that kind and name.
    pub(crate) fn find(&self, kind: ExportKind, name: &[u8]) -> Option<usize> {
        let place = self
            .exports
            .binary_search_by(|export| export.name().cmp(name))
            .ok()?;
        (self.exports.get(place)?.kind == kind).then_some(place)
    }

    /// The export by which a memory is reached, or why there is none. `None` if there is no such memory.
    pub(crate) fn memory(&self, index: u32) -> Option<Result<usize, &'static str>> {
        if index >= self.memories {
            return None;
        }
        if index > 0 {
            return Some(Err(
                "the guest has several memories, and only the first one, exported as `memory`, can be found by its index",
            ));
        }
        Some(self.first_memory.ok_or(if self.memories == 1 {
            "the guest does not export its memory"
        } else {
            "the guest does not export its first memory as `memory`"
        }))
    }

    /// The item itself, of the instance that calls.
    pub(crate) fn item(&self, caller: &mut Caller<'_, Context>, place: usize) -> Option<Extern> {
        caller.get_module_export(&self.exports.get(place)?.index)
    }
}

fn kind(ty: &ExternType) -> ExportKind {
    match ty {
        ExternType::Func(_) => ExportKind::Function,
        ExternType::Table(_) => ExportKind::Table,
        ExternType::Memory(_) => ExportKind::Memory,
        ExternType::Global(_) => ExportKind::Global,
        ExternType::Tag(_) => ExportKind::Tag,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Shape {
        let engine = wasmtime::Engine::default();
        Shape::new(&Module::new(&engine, text).unwrap())
    }

    #[test]
    fn lists_exports_by_name() {
        let shape =
            shape(r#"(module (func (export "b")) (memory (export "m") 1) (func (export "a")))"#);
        let names: Vec<_> = shape
            .of_kind(ExportKind::Function)
            .map(|(_, export)| export.terminated())
            .collect();
        assert_eq!(names, [b"a\0", b"b\0"]);
        assert!(shape.find(ExportKind::Memory, b"m").is_some());
        assert!(shape.find(ExportKind::Memory, b"a").is_none());
    }

    #[test]
    fn finds_the_only_memory_whatever_it_is_called() {
        let shape = shape(r#"(module (import "a" "b" (memory 1)) (export "m" (memory 0)))"#);
        assert!(matches!(shape.memory(0), Some(Ok(0))));
        assert!(shape.memory(1).is_none());
    }

    #[test]
    fn says_why_a_memory_is_out_of_reach() {
        let hidden = shape("(module (memory 1))");
        assert!(
            matches!(hidden.memory(0), Some(Err(reason)) if reason.contains("not export its memory"))
        );
        let several = shape(r#"(module (memory (export "memory") 1) (memory (export "other") 1))"#);
        assert!(matches!(several.memory(0), Some(Ok(_))));
        assert!(matches!(several.memory(1), Some(Err(_))));
        assert!(shape("(module)").memory(0).is_none());
    }
}
