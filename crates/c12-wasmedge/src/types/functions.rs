use crate::abi::{ValType, Value};

/// `WasmEdge_FunctionTypeContext`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FunctionType {
    pub(crate) params: Box<[ValType]>,
    pub(crate) results: Box<[ValType]>,
}

impl FunctionType {
    /// From the engine's type.
    pub(crate) fn from_wasm(ty: &wasmtime::FuncType) -> Self {
        FunctionType {
            params: ty.params().map(|ty| ValType::from_wasm(&ty)).collect(),
            results: ty.results().map(|ty| ValType::from_wasm(&ty)).collect(),
        }
    }

    /// The engine's type, or the first type of which values cannot cross the boundary.
    pub(crate) fn to_wasm(&self, engine: &wasmtime::Engine) -> Result<wasmtime::FuncType, ValType> {
        let all = |types: &[ValType]| -> Result<Vec<wasmtime::ValType>, ValType> {
            types.iter().map(|ty| ty.to_wasm().ok_or(*ty)).collect()
        };
        Ok(wasmtime::FuncType::new(
            engine,
            all(&self.params)?,
            all(&self.results)?,
        ))
    }

    /// Whether arguments fit: their number, and their types as the values carry them.
    pub(crate) fn accepts(&self, arguments: &[Value]) -> bool {
        self.params.len() == arguments.len()
            && self
                .params
                .iter()
                .zip(arguments)
                .all(|(ty, argument)| fits(*ty, argument))
    }
}

/// Whether a value fits a type. Of references only the kind counts, and that null needs a nullable type.
pub(crate) fn fits(ty: ValType, value: &Value) -> bool {
    if !ty.is_reference() {
        return ty.0[2] == value.ty.0[2];
    }
    value.ty.is_reference()
        && ty.is_function() == value.ty.is_function()
        && (ty.is_nullable() || value.pointer() != 0)
}

impl std::fmt::Display for FunctionType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |types: &[ValType]| {
            let names: Vec<String> = types.iter().map(ToString::to_string).collect();
            names.join(", ")
        };
        write!(f, "({}) -> ({})", list(&self.params), list(&self.results))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::api;

    #[test]
    fn arguments_must_fit_in_number_and_type() {
        let ty = FunctionType {
            params: Box::new([ValType::I32, ValType::EXTERN_REF]),
            results: Box::new([]),
        };
        let null = std::ptr::null_mut();
        assert!(ty.accepts(&[api::from_i32(1), api::from_extern_ref(null)]));
        assert!(!ty.accepts(&[api::from_i32(1)]));
        assert!(!ty.accepts(&[api::from_i64(1), api::from_extern_ref(null)]));
        assert!(!ty.accepts(&[api::from_i32(1), api::from_func_ref(null.cast())]));
        assert_eq!(ty.to_string(), "(i32, (ref null extern)) -> ()");
    }
}
