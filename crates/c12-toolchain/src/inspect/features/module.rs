//! Features of a core module's types and declarations.

use wasmparser::{
    AbstractHeapType, CompositeInnerType, ConstExpr, Data, DataKind, Element, ElementItems,
    ElementKind, GlobalType, HeapType, MemoryType, Operator, RecGroup, RefType, Result,
    StorageType, SubType, TableType, ValType,
};

use super::{Feature, Features};

impl Features {
    /// A group of types, which stands in the type section at `offset`.
    pub(crate) fn rec_group(&mut self, group: &RecGroup, offset: usize) {
        if group.is_explicit_rec_group() {
            self.add(Feature::Gc, offset);
        }
        for ty in group.types() {
            self.sub_type(ty, offset);
        }
    }

    fn sub_type(&mut self, ty: &SubType, offset: usize) {
        if !ty.is_final || ty.supertype_idx.is_some() {
            self.add(Feature::Gc, offset);
        }
        let composite = &ty.composite_type;
        if composite.shared {
            self.add(Feature::SharedEverythingThreads, offset);
        }
        if composite.descriptor_idx.is_some() || composite.describes_idx.is_some() {
            self.add(Feature::CustomDescriptors, offset);
        }
        match &composite.inner {
            CompositeInnerType::Func(ty) => {
                if ty.results().len() > 1 {
                    self.add(Feature::MultiValue, offset);
                }
                for ty in ty.params().iter().chain(ty.results()) {
                    self.value_type(*ty, offset);
                }
            }
            CompositeInnerType::Struct(ty) => {
                self.add(Feature::Gc, offset);
                for field in &ty.fields {
                    self.storage_type(field.element_type, offset);
                }
            }
            CompositeInnerType::Array(ty) => {
                self.add(Feature::Gc, offset);
                self.storage_type(ty.0.element_type, offset);
            }
            CompositeInnerType::Cont(_) => self.add(Feature::StackSwitching, offset),
        }
    }

    fn storage_type(&mut self, ty: StorageType, offset: usize) {
        if let StorageType::Val(ty) = ty {
            self.value_type(ty, offset);
        }
    }

    /// The type of a parameter, result, local, global or field.
    pub(crate) fn value_type(&mut self, ty: ValType, offset: usize) {
        match ty {
            ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 => {}
            ValType::V128 => self.add(Feature::Simd, offset),
            ValType::Ref(ty) => self.ref_type(ty, offset),
        }
    }

    fn ref_type(&mut self, ty: RefType, offset: usize) {
        self.heap_type(ty.heap_type(), ty.is_nullable(), offset);
    }

    pub(super) fn heap_type(&mut self, ty: HeapType, nullable: bool, offset: usize) {
        use AbstractHeapType as Abstract;
        let feature = match ty {
            HeapType::Exact(_) => Feature::CustomDescriptors,
            HeapType::Concrete(_) => Feature::FunctionReferences,
            HeapType::Abstract { shared: true, .. } => Feature::SharedEverythingThreads,
            HeapType::Abstract { ty, .. } => match ty {
                Abstract::Func | Abstract::Extern if nullable => Feature::ReferenceTypes,
                Abstract::Func | Abstract::Extern => Feature::FunctionReferences,
                Abstract::Exn | Abstract::NoExn => Feature::Exceptions,
                Abstract::Cont | Abstract::NoCont => Feature::StackSwitching,
                _ => Feature::Gc,
            },
        };
        self.add(feature, offset);
    }

    /// The memory of the given index, imported or defined.
    pub(crate) fn memory(&mut self, ty: &MemoryType, index: usize, offset: usize) {
        let features = [
            (index > 0, Feature::MultiMemory),
            (ty.memory64, Feature::Memory64),
            (ty.shared, Feature::Threads),
            (ty.page_size_log2.is_some(), Feature::CustomPageSizes),
        ];
        self.add_each(features, offset);
    }

    /// The table of the given index, imported or defined.
    pub(crate) fn table(&mut self, ty: &TableType, index: usize, offset: usize) {
        if ty.element_type != RefType::FUNCREF {
            self.ref_type(ty.element_type, offset);
        }
        let features = [
            (index > 0, Feature::ReferenceTypes),
            (ty.table64, Feature::Memory64),
            (ty.shared, Feature::SharedEverythingThreads),
        ];
        self.add_each(features, offset);
    }

    /// A global. `crosses` says whether it is imported or exported.
    pub(crate) fn global(&mut self, ty: &GlobalType, crosses: bool, offset: usize) {
        if !crosses || !ty.mutable {
            self.value_type(ty.content_type, offset);
        } else {
            self.add(Feature::MutableGlobals, offset);
        }
        if ty.shared {
            self.add(Feature::SharedEverythingThreads, offset);
        }
    }

    /// A tag.
    pub(crate) fn tag(&mut self, offset: usize) {
        self.add_tag(offset);
    }

    fn add_each<const N: usize>(&mut self, features: [(bool, Feature); N], offset: usize) {
        for (used, feature) in features {
            if used {
                self.add(feature, offset);
            }
        }
    }

    /// A constant expression of a module that imports so many globals. Other globals could not be read in the first version.
    pub(crate) fn const_expr(&mut self, expr: &ConstExpr<'_>, imported_globals: u32) -> Result<()> {
        let mut reader = expr.get_operators_reader();
        while !reader.eof() {
            let (operator, offset) = reader.read_with_offset()?;
            match operator {
                Operator::I32Add
                | Operator::I32Sub
                | Operator::I32Mul
                | Operator::I64Add
                | Operator::I64Sub
                | Operator::I64Mul => self.add(Feature::ExtendedConst, offset),
                Operator::GlobalGet { global_index } if global_index >= imported_globals => {
                    self.add(Feature::Gc, offset)
                }
                operator => self.operator(&operator, offset),
            }
        }
        Ok(())
    }

    /// An element segment.
    pub(crate) fn element(&mut self, element: &Element<'_>, imported_globals: u32) -> Result<()> {
        let offset = element.range.start;
        match &element.kind {
            ElementKind::Passive => self.add(Feature::BulkMemory, offset),
            ElementKind::Declared => self.add(Feature::ReferenceTypes, offset),
            ElementKind::Active {
                table_index,
                offset_expr,
            } => {
                if table_index.is_some() {
                    self.add(Feature::ReferenceTypes, offset);
                }
                self.const_expr(offset_expr, imported_globals)?;
            }
        }
        if let ElementItems::Expressions(ty, items) = &element.items {
            self.ref_type(*ty, offset);
            for expr in items.clone() {
                self.const_expr(&expr?, imported_globals)?;
            }
        }
        Ok(())
    }

    /// A data segment.
    pub(crate) fn data(&mut self, data: &Data<'_>, imported_globals: u32) -> Result<()> {
        match &data.kind {
            DataKind::Passive => self.add(Feature::BulkMemory, data.range.start),
            DataKind::Active { offset_expr, .. } => {
                self.const_expr(offset_expr, imported_globals)?
            }
        }
        Ok(())
    }
}
