//! Features of a component's types and canonical functions.

use wasmparser::{
    CanonicalFunction, CanonicalOption, ComponentDefinedType, ComponentExternName,
    ComponentFuncType, ComponentType, ComponentTypeDeclaration, ComponentTypeRef, ComponentValType,
    InstanceTypeDeclaration, PrimitiveValType,
};

use super::{Feature, Features};

impl Features {
    /// A type in a component. Calls itself for nested types, whose depth `crate::nesting` has limited.
    pub(crate) fn component_type(&mut self, ty: &ComponentType<'_>, offset: usize) {
        match ty {
            ComponentType::Defined(ty) => self.defined_type(ty, offset),
            ComponentType::Func(ty) => self.func_type(ty, offset),
            ComponentType::Component(declarations) => {
                for declaration in declarations {
                    match declaration {
                        ComponentTypeDeclaration::Type(ty) => self.component_type(ty, offset),
                        ComponentTypeDeclaration::Export { name, ty } => {
                            self.extern_item(name, ty, offset)
                        }
                        ComponentTypeDeclaration::Import(import) => {
                            self.extern_item(&import.name, &import.ty, offset)
                        }
                        ComponentTypeDeclaration::CoreType(_)
                        | ComponentTypeDeclaration::Alias(_) => {}
                    }
                }
            }
            ComponentType::Instance(declarations) => {
                for declaration in declarations {
                    match declaration {
                        InstanceTypeDeclaration::Type(ty) => self.component_type(ty, offset),
                        InstanceTypeDeclaration::Export { name, ty } => {
                            self.extern_item(name, ty, offset)
                        }
                        InstanceTypeDeclaration::CoreType(_)
                        | InstanceTypeDeclaration::Alias(_) => {}
                    }
                }
            }
            ComponentType::Resource { .. } => {}
        }
    }

    /// An import or export.
    pub(crate) fn extern_item(
        &mut self,
        name: &ComponentExternName<'_>,
        ty: &ComponentTypeRef,
        offset: usize,
    ) {
        if name.implements.is_some() {
            self.add(Feature::ComponentModelImplements, offset);
        }
        if matches!(ty, ComponentTypeRef::Value(_)) {
            self.add(Feature::ComponentModelValues, offset);
        }
    }

    fn func_type(&mut self, ty: &ComponentFuncType<'_>, offset: usize) {
        if ty.async_ {
            self.add(Feature::ComponentModelAsync, offset);
        }
        let types = ty.params.iter().map(|(_, ty)| *ty).chain(ty.result);
        self.val_types(types, offset);
    }

    fn defined_type(&mut self, ty: &ComponentDefinedType<'_>, offset: usize) {
        use ComponentDefinedType as Defined;
        match ty {
            Defined::Primitive(ty) => self.val_types([ComponentValType::Primitive(*ty)], offset),
            Defined::Record(fields) => self.val_types(fields.iter().map(|(_, ty)| *ty), offset),
            Defined::Variant(cases) => {
                self.val_types(cases.iter().filter_map(|case| case.ty), offset)
            }
            Defined::List(ty) | Defined::Option(ty) => self.val_types([*ty], offset),
            Defined::Tuple(types) => self.val_types(types.iter().copied(), offset),
            Defined::Result { ok, err } => self.val_types(ok.iter().chain(err).copied(), offset),
            Defined::Map(key, value) => {
                self.add(Feature::ComponentModelMaps, offset);
                self.val_types([*key, *value], offset);
            }
            Defined::FixedLengthList(ty, _) => {
                self.add(Feature::ComponentModelFixedLengthLists, offset);
                self.val_types([*ty], offset);
            }
            Defined::Future(ty) | Defined::Stream(ty) => {
                self.add(Feature::ComponentModelAsync, offset);
                self.val_types(*ty, offset);
            }
            Defined::Flags(_) | Defined::Enum(_) | Defined::Own(_) | Defined::Borrow(_) => {}
        }
    }

    fn val_types(&mut self, types: impl IntoIterator<Item = ComponentValType>, offset: usize) {
        for ty in types {
            if ty == ComponentValType::Primitive(PrimitiveValType::ErrorContext) {
                self.add(Feature::ComponentModelErrorContext, offset);
            }
        }
    }

    /// A canonical function: a bridge between core functions and a component's, or a built-in.
    pub(crate) fn canonical(&mut self, function: &CanonicalFunction, offset: usize) {
        use CanonicalFunction as Canon;
        match function {
            Canon::Lift { options, .. } | Canon::Lower { options, .. } => {
                self.canonical_options(options, offset)
            }
            Canon::ResourceNew { .. } | Canon::ResourceDrop { .. } | Canon::ResourceRep { .. } => {}
            Canon::ErrorContextNew { .. }
            | Canon::ErrorContextDebugMessage { .. }
            | Canon::ErrorContextDrop => {
                self.add(Feature::ComponentModelErrorContext, offset);
            }
            Canon::ThreadSpawnRef { .. }
            | Canon::ThreadSpawnIndirect { .. }
            | Canon::ThreadAvailableParallelism => {
                self.add(Feature::SharedEverythingThreads, offset);
            }
            Canon::ThreadIndex
            | Canon::ThreadNewIndirect { .. }
            | Canon::ThreadResumeLater
            | Canon::ThreadSuspend { .. }
            | Canon::ThreadSuspendThenResume { .. }
            | Canon::ThreadYieldThenResume { .. }
            | Canon::ThreadSuspendThenPromote { .. }
            | Canon::ThreadYieldThenPromote { .. } => {
                self.add(Feature::ComponentModelThreading, offset)
            }
            Canon::BackpressureInc
            | Canon::BackpressureDec
            | Canon::TaskReturn { .. }
            | Canon::TaskCancel
            | Canon::ContextGet { .. }
            | Canon::ContextSet { .. }
            | Canon::ThreadYield { .. }
            | Canon::SubtaskDrop
            | Canon::SubtaskCancel { .. }
            | Canon::StreamNew { .. }
            | Canon::StreamRead { .. }
            | Canon::StreamWrite { .. }
            | Canon::StreamCancelRead { .. }
            | Canon::StreamCancelWrite { .. }
            | Canon::StreamDropReadable { .. }
            | Canon::StreamDropWritable { .. }
            | Canon::FutureNew { .. }
            | Canon::FutureRead { .. }
            | Canon::FutureWrite { .. }
            | Canon::FutureCancelRead { .. }
            | Canon::FutureCancelWrite { .. }
            | Canon::FutureDropReadable { .. }
            | Canon::FutureDropWritable { .. }
            | Canon::WaitableSetNew
            | Canon::WaitableSetWait { .. }
            | Canon::WaitableSetPoll { .. }
            | Canon::WaitableSetDrop
            | Canon::WaitableJoin => self.add(Feature::ComponentModelAsync, offset),
        }
    }

    fn canonical_options(&mut self, options: &[CanonicalOption], offset: usize) {
        for option in options {
            match option {
                CanonicalOption::Async | CanonicalOption::Callback(_) => {
                    self.add(Feature::ComponentModelAsync, offset);
                }
                CanonicalOption::Gc | CanonicalOption::CoreType(_) => {
                    self.add(Feature::ComponentModelGc, offset)
                }
                _ => {}
            }
        }
    }
}
