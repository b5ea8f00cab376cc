use crate::artifact::CodeKind;

/// What compiled code was prepared for. Code runs only on an engine of the same flavour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flavour {
    /// The component model's async features.
    pub(crate) concurrent: bool,
    /// Epoch checks in loops and functions.
    pub(crate) interruptible: bool,
    /// Fuel is counted.
    pub(crate) fuel: bool,
    /// Relaxed SIMD and NaN bits are the same on every machine.
    pub(crate) deterministic: bool,
}

impl Flavour {
    pub(crate) fn bits(self) -> u8 {
        u8::from(self.concurrent)
            | u8::from(self.interruptible) << 1
            | u8::from(self.fuel) << 2
            | u8::from(self.deterministic) << 3
    }

    pub(crate) fn from_bits(bits: u8) -> Option<Self> {
        (bits < 16).then_some(Flavour {
            concurrent: bits & 1 != 0,
            interruptible: bits & 2 != 0,
            fuel: bits & 4 != 0,
            deterministic: bits & 8 != 0,
        })
    }
}

/// Whether the binary is a component, and whether it uses the component model's async features.
///
/// Only the structure is looked at, not the code. For bytes that do not parse the answer does not
/// matter: compiling them gives the error.
pub(crate) fn needs(binary: &[u8]) -> (CodeKind, bool) {
    use wasmparser::{Parser, Payload};
    let mut kind = CodeKind::Module;
    let mut seen_header = false;
    for payload in Parser::new(0).parse_all(binary) {
        let concurrent = match payload {
            Ok(Payload::Version { encoding, .. }) => {
                if !seen_header && encoding == wasmparser::Encoding::Component {
                    kind = CodeKind::Component;
                }
                if !seen_header && kind == CodeKind::Module {
                    return (kind, false);
                }
                seen_header = true;
                false
            }
            Ok(Payload::ComponentTypeSection(types)) => types
                .into_iter()
                .any(|ty| ty.is_ok_and(|ty| type_is_async(&ty))),
            Ok(Payload::ComponentCanonicalSection(functions)) => functions
                .into_iter()
                .any(|f| f.is_ok_and(|f| function_is_async(&f))),
            Ok(_) => false,
            Err(_) => break,
        };
        if concurrent {
            return (kind, true);
        }
    }
    (kind, false)
}

fn type_is_async(ty: &wasmparser::ComponentType<'_>) -> bool {
    use wasmparser::{
        ComponentDefinedType, ComponentType, ComponentTypeDeclaration, InstanceTypeDeclaration,
    };
    fn in_instance(declarations: &[InstanceTypeDeclaration<'_>]) -> bool {
        declarations
            .iter()
            .any(|d| matches!(d, InstanceTypeDeclaration::Type(ty) if type_is_async(ty)))
    }
    match ty {
        ComponentType::Defined(
            ComponentDefinedType::Future(_) | ComponentDefinedType::Stream(_),
        ) => true,
        ComponentType::Func(function) => function.async_,
        ComponentType::Instance(declarations) => in_instance(declarations),
        ComponentType::Component(declarations) => declarations
            .iter()
            .any(|d| matches!(d, ComponentTypeDeclaration::Type(ty) if type_is_async(ty))),
        _ => false,
    }
}

fn function_is_async(function: &wasmparser::CanonicalFunction) -> bool {
    use wasmparser::{CanonicalFunction as F, CanonicalOption as O};
    match function {
        F::Lift { options, .. } | F::Lower { options, .. } => options
            .iter()
            .any(|o| matches!(o, O::Async | O::Callback(_))),
        F::ResourceNew { .. } | F::ResourceDrop { .. } | F::ResourceRep { .. } => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_round_trip() {
        for bits in 0..16 {
            assert_eq!(Flavour::from_bits(bits).unwrap().bits(), bits);
        }
        assert_eq!(Flavour::from_bits(16), None);
    }

    #[test]
    fn tells_components_that_need_concurrency_from_others() {
        let binary = |text: &str| wat::parse_str(text).unwrap();
        assert_eq!(
            needs(&binary("(module (memory 1))")),
            (CodeKind::Module, false)
        );
        assert_eq!(needs(&binary("(component)")), (CodeKind::Component, false));
        assert_eq!(
            needs(&binary("(component (type (func (param \"x\" u8))))")),
            (CodeKind::Component, false)
        );
        assert_eq!(
            needs(&binary("(component (type (func async)))")),
            (CodeKind::Component, true)
        );
        assert_eq!(
            needs(&binary("(component (component (type (stream u8))))")),
            (CodeKind::Component, true)
        );
        assert_eq!(
            needs(&binary(
                "(component (import \"a\" (instance (export \"f\" (func async)))))"
            )),
            (CodeKind::Component, true)
        );
        assert_eq!(
            needs(&binary("(component (core func (canon task.cancel)))")),
            (CodeKind::Component, true)
        );
    }
}
