//! Features of instructions.

use wasmparser::{BlockType, Operator};

use super::{Feature, Features};

/// Maps `wasmparser`'s groups of instructions to features, and leaves those of the first version out.
macro_rules! group {
    (mvp) => {
        None
    };
    (sign_extension) => {
        Some(Feature::SignExtension)
    };
    (saturating_float_to_int) => {
        Some(Feature::SaturatingFloatToInt)
    };
    (reference_types) => {
        Some(Feature::ReferenceTypes)
    };
    (bulk_memory) => {
        Some(Feature::BulkMemory)
    };
    (simd) => {
        Some(Feature::Simd)
    };
    (relaxed_simd) => {
        Some(Feature::RelaxedSimd)
    };
    (tail_call) => {
        Some(Feature::TailCalls)
    };
    (function_references) => {
        Some(Feature::FunctionReferences)
    };
    (gc) => {
        Some(Feature::Gc)
    };
    (exceptions) => {
        Some(Feature::Exceptions)
    };
    (legacy_exceptions) => {
        Some(Feature::LegacyExceptions)
    };
    (threads) => {
        Some(Feature::Threads)
    };
    (shared_everything_threads) => {
        Some(Feature::SharedEverythingThreads)
    };
    (wide_arithmetic) => {
        Some(Feature::WideArithmetic)
    };
    (stack_switching) => {
        Some(Feature::StackSwitching)
    };
    (memory_control) => {
        Some(Feature::MemoryControl)
    };
    (custom_descriptors) => {
        Some(Feature::CustomDescriptors)
    };
}

/// One arm per instruction. A group that `group!` does not know fails to compile, so a new release of the parser cannot
/// bring instructions that are silently left out.
macro_rules! feature_of_operator {
    ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*) )*) => {
        fn feature_of(operator: &Operator<'_>) -> Option<Feature> {
            match operator {
                $( Operator::$op { .. } => group!($proposal), )*
                _ => None,
            }
        }
    };
}
wasmparser::for_each_operator!(feature_of_operator);

impl Features {
    /// Counts the features of an instruction in a function.
    pub(crate) fn operator(&mut self, operator: &Operator<'_>, offset: usize) {
        match operator {
            Operator::Throw { .. } => self.add_tag(offset),
            _ => {
                if let Some(feature) = feature_of(operator) {
                    self.add(feature, offset);
                }
            }
        }
        self.immediates(operator, offset);
    }

    /// Instructions of the first version may have operands that came later.
    fn immediates(&mut self, operator: &Operator<'_>, offset: usize) {
        match operator {
            Operator::Block { blockty }
            | Operator::Loop { blockty }
            | Operator::If { blockty }
            | Operator::Try { blockty } => {
                self.block_type(*blockty, offset);
            }
            Operator::TryTable { try_table } => self.block_type(try_table.ty, offset),
            Operator::CallIndirect { table_index, .. } if *table_index != 0 => {
                self.add(Feature::ReferenceTypes, offset);
            }
            Operator::TypedSelect { ty } => self.value_type(*ty, offset),
            Operator::RefNull { hty } => self.heap_type(*hty, true, offset),
            Operator::ReturnCallRef { .. } => self.add(Feature::TailCalls, offset),
            _ => {}
        }
    }

    fn block_type(&mut self, ty: BlockType, offset: usize) {
        match ty {
            BlockType::Empty => {}
            BlockType::Type(ty) => self.value_type(ty, offset),
            BlockType::FuncType(_) => self.add(Feature::MultiValue, offset),
        }
    }
}
