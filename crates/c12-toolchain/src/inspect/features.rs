//! Which WebAssembly features a binary uses, found by walking all of it.
//!
//! A feature counts as used where an instruction, a type or a declaration is there that an engine without the feature
//! would refuse. What a file says about itself in a `target_features` section plays no part.

mod component;
mod module;
mod operators;

use std::fmt;

use serde::{Serialize, Serializer};

use super::report::FeatureUse;

/// Defines the features with their identifiers, names and the release that has them.
macro_rules! features {
    ($( $(#[$doc:meta])* $variant:ident = $id:literal, $name:literal, $since:literal; )*) => {
        /// A feature that came after the first version of WebAssembly.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Feature { $( $(#[$doc])* $variant, )* }

        impl Feature {
            /// Every feature, oldest first.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )* ];

            /// The stable identifier used in JSON, for example `sign-extension`.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $( Self::$variant => $id, )* }
            }

            /// The release of the specification that has it: `2.0` or `3.0`, else `proposal`, `legacy` or
            /// `component-model`.
            #[must_use]
            pub const fn since(self) -> &'static str {
                match self { $( Self::$variant => $since, )* }
            }
        }

        impl fmt::Display for Feature {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $( Self::$variant => $name, )* })
            }
        }
    };
}

features! {
    /// Globals that can change may be imported and exported.
    MutableGlobals = "mutable-globals", "mutable globals across modules", "2.0";
    /// Instructions such as `i32.extend8_s`.
    SignExtension = "sign-extension", "sign extension", "2.0";
    /// Conversions such as `i32.trunc_sat_f32_s`.
    SaturatingFloatToInt = "saturating-float-to-int", "saturating float-to-int", "2.0";
    /// Functions and blocks with several results, blocks with parameters.
    MultiValue = "multi-value", "multi-value", "2.0";
    /// `externref`, several tables, table instructions.
    ReferenceTypes = "reference-types", "reference types", "2.0";
    /// `memory.copy`, `memory.fill`, passive segments.
    BulkMemory = "bulk-memory", "bulk memory", "2.0";
    /// 128-bit vectors.
    Simd = "simd", "SIMD", "2.0";
    /// Vector instructions whose results may differ between machines.
    RelaxedSimd = "relaxed-simd", "relaxed SIMD", "3.0";
    /// Arithmetic in constant expressions.
    ExtendedConst = "extended-const", "extended constant expressions", "3.0";
    /// `return_call` and its like.
    TailCalls = "tail-calls", "tail calls", "3.0";
    /// Several memories in one module.
    MultiMemory = "multi-memory", "multi-memory", "3.0";
    /// Memories and tables with 64-bit addresses.
    Memory64 = "memory64", "memory64", "3.0";
    /// Typed references to functions.
    FunctionReferences = "function-references", "function references", "3.0";
    /// Structs, arrays and `i31`, collected by the engine.
    Gc = "gc", "garbage collection", "3.0";
    /// `try_table`, `throw` and `exnref`.
    Exceptions = "exceptions", "exceptions", "3.0";
    /// Hints which way a branch goes.
    BranchHinting = "branch-hinting", "branch hints", "3.0";
    /// Exceptions as they were before the standard: `try`, `catch`, `delegate`.
    LegacyExceptions = "legacy-exceptions", "legacy exceptions", "legacy";
    /// Shared memories and atomic instructions.
    Threads = "threads", "threads and atomics", "proposal";
    /// Memories with pages of another size than 64 KiB.
    CustomPageSizes = "custom-page-sizes", "custom page sizes", "proposal";
    /// 128-bit results of additions and multiplications.
    WideArithmetic = "wide-arithmetic", "wide arithmetic", "proposal";
    /// Continuations.
    StackSwitching = "stack-switching", "stack switching", "proposal";
    /// Shared references, tables, globals and functions.
    SharedEverythingThreads = "shared-everything-threads", "shared-everything threads", "proposal";
    /// `memory.discard`.
    MemoryControl = "memory-control", "memory control", "proposal";
    /// Custom descriptors and exact references.
    CustomDescriptors = "custom-descriptors", "custom descriptors", "proposal";
    /// Imports grouped by module or type.
    CompactImports = "compact-imports", "compact imports", "proposal";
    /// Components.
    ComponentModel = "component-model", "component model", "component-model";
    /// Asynchronous functions, streams, futures, tasks and waitables.
    ComponentModelAsync = "component-model-async", "component model: async", "component-model";
    /// Errors with a text for debugging.
    ComponentModelErrorContext = "component-model-error-context", "component model: error contexts", "component-model";
    /// Threads within a component.
    ComponentModelThreading = "component-model-threading", "component model: threading", "component-model";
    /// Lists whose length is part of their type.
    ComponentModelFixedLengthLists = "component-model-fixed-length-lists", "component model: fixed-length lists", "component-model";
    /// Maps.
    ComponentModelMaps = "component-model-maps", "component model: maps", "component-model";
    /// Values as imports and exports, and start functions.
    ComponentModelValues = "component-model-values", "component model: values", "component-model";
    /// Values passed by garbage-collected references.
    ComponentModelGc = "component-model-gc", "component model: garbage collection", "component-model";
    /// Imports that name the interface they implement.
    ComponentModelImplements = "component-model-implements", "component model: named implementations", "component-model";
}

impl Serialize for Feature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// How often a feature was met, and where first.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    uses: u64,
    first: u64,
}

impl Tally {
    fn add(&mut self, offset: usize) {
        if self.uses == 0 {
            self.first = offset as u64;
        }
        self.uses += 1;
    }

    fn merge(&mut self, other: Self) {
        self.first = if self.uses == 0 {
            other.first
        } else {
            self.first.min(other.first)
        };
        self.uses += other.uses;
    }
}

/// What the walk collects about features.
#[derive(Debug)]
pub(super) struct Features {
    tallies: [Tally; Feature::ALL.len()],
    /// Tags and `throw`, which both the legacy and the standard exceptions have, of the module being walked.
    tags: Tally,
    /// Which of the two kinds of exceptions that module has shown.
    standard_exceptions: bool,
    legacy_exceptions: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self {
            tallies: [Tally::default(); Feature::ALL.len()],
            tags: Tally::default(),
            standard_exceptions: false,
            legacy_exceptions: false,
        }
    }
}

impl Features {
    /// Counts one use.
    pub(super) fn add(&mut self, feature: Feature, offset: usize) {
        match feature {
            Feature::Exceptions => self.standard_exceptions = true,
            Feature::LegacyExceptions => self.legacy_exceptions = true,
            _ => {}
        }
        if let Some(tally) = self.tallies.get_mut(feature as usize) {
            tally.add(offset);
        }
    }

    /// Counts a tag or a `throw`: which exceptions it belongs to shows when the whole module has been seen.
    fn add_tag(&mut self, offset: usize) {
        self.tags.add(offset);
    }

    /// Settles what could only be told once the whole module has been seen.
    pub(super) fn end_module(&mut self) {
        let legacy = self.legacy_exceptions && !self.standard_exceptions;
        let feature = if legacy {
            Feature::LegacyExceptions
        } else {
            Feature::Exceptions
        };
        let tags = std::mem::take(&mut self.tags);
        if let Some(tally) = self
            .tallies
            .get_mut(feature as usize)
            .filter(|_| tags.uses > 0)
        {
            tally.merge(tags);
        }
        self.standard_exceptions = false;
        self.legacy_exceptions = false;
    }

    /// The features met, oldest first.
    pub(super) fn finish(&self) -> Vec<FeatureUse> {
        let found = Feature::ALL
            .iter()
            .zip(&self.tallies)
            .filter(|(_, tally)| tally.uses > 0);
        found
            .map(|(&feature, tally)| FeatureUse {
                feature,
                since: feature.since(),
                uses: tally.uses,
                first_offset: tally.first,
            })
            .collect()
    }
}
