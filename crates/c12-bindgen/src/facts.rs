//! What the languages need to know about types.

use std::collections::BTreeSet;

use wit_parser::{Type, TypeDefKind, TypeId};

use crate::World;

/// What is somewhere in a type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Resources that it owns.
    pub(crate) owns: bool,
    /// Resources that were lent.
    pub(crate) borrows: bool,
    /// Strings or lists, which lead to other memory.
    pub(crate) points: bool,
    /// Numbers without a total order.
    pub(crate) floats: bool,
    /// Tuples with more fields than Rust's own traits know.
    pub(crate) long_tuple: bool,
    /// The interfaces whose resources there are, by their position.
    pub(crate) resources: BTreeSet<usize>,
}

impl World {
    /// What is in a type.
    pub(crate) fn facts(&self, ty: &Type) -> Facts {
        let mut facts = Facts::default();
        self.collect(ty, &mut facts, &mut BTreeSet::new());
        facts
    }

    fn collect(&self, ty: &Type, facts: &mut Facts, seen: &mut BTreeSet<TypeId>) {
        let id = match self.dealias(ty) {
            Type::String => {
                facts.points = true;
                return;
            }
            Type::F32 | Type::F64 => {
                facts.floats = true;
                return;
            }
            Type::Id(id) => id,
            _ => return,
        };
        if !seen.insert(id) {
            return;
        }
        match &self.def(id).kind {
            TypeDefKind::Handle(handle) => {
                let (resource, own) = self.resource(handle);
                facts.owns |= own;
                facts.borrows |= !own;
                facts.resources.extend(self.resources.get(&resource));
            }
            TypeDefKind::List(ty) => {
                facts.points = true;
                self.collect(ty, facts, seen);
            }
            TypeDefKind::Record(record) => {
                for field in &record.fields {
                    self.collect(&field.ty, facts, seen);
                }
            }
            TypeDefKind::Tuple(tuple) => {
                facts.long_tuple |= tuple.types.len() > 12;
                for ty in &tuple.types {
                    self.collect(ty, facts, seen);
                }
            }
            TypeDefKind::Variant(variant) => {
                for ty in variant.cases.iter().filter_map(|case| case.ty.as_ref()) {
                    self.collect(ty, facts, seen);
                }
            }
            TypeDefKind::Option(ty) => self.collect(ty, facts, seen),
            TypeDefKind::Result(result) => {
                for ty in result.ok.iter().chain(&result.err) {
                    self.collect(ty, facts, seen);
                }
            }
            _ => {}
        }
    }

    /// Whether any bits are a value of the type, in Rust and C++ as well as in the guest's memory, and
    /// the layout is the same everywhere: numbers, and records of nothing else. Lists of it need no copy.
    pub(crate) fn plain(&self, ty: &Type) -> bool {
        match self.dealias(ty) {
            Type::Bool | Type::Char | Type::String | Type::ErrorContext => false,
            Type::Id(id) => match &self.def(id).kind {
                TypeDefKind::Record(record) => {
                    record.fields.iter().all(|field| self.plain(&field.ty))
                }
                _ => false,
            },
            _ => true,
        }
    }
}
