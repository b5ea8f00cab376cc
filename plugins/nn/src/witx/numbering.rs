//! Which number stands for which type of tensors. WasmEdge 0.14 and before left two types out of the specification's
//! list, so that what is `u8` there is `f64` in the specification.

use std::str::FromStr;

use c12_nn_core::{Error, Result, Tensor, TensorType};

/// How guests number the types of tensors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Numbering {
    /// As the specification, and WasmEdge since 0.15.
    #[default]
    Specification,
    /// As WasmEdge 0.14 and before.
    WasmEdge014,
}

impl Numbering {
    fn types(self) -> &'static [TensorType] {
        match self {
            Numbering::Specification => &[
                TensorType::F16,
                TensorType::F32,
                TensorType::F64,
                TensorType::U8,
                TensorType::I32,
                TensorType::I64,
            ],
            Numbering::WasmEdge014 => &[
                TensorType::F16,
                TensorType::F32,
                TensorType::U8,
                TensorType::I32,
            ],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Numbering::Specification => "specification",
            Numbering::WasmEdge014 => "wasmedge-0.14",
        }
    }

    fn other(self) -> Self {
        match self {
            Numbering::Specification => Numbering::WasmEdge014,
            Numbering::WasmEdge014 => Numbering::Specification,
        }
    }

    fn find(self, number: u8) -> Option<TensorType> {
        self.types().get(usize::from(number)).copied()
    }

    /// The type of a tensor with these dimensions and so many bytes.
    ///
    /// # Errors
    ///
    /// There is no such number, or the bytes do not fit the dimensions; if they would with the other numbering, the
    /// help says so.
    pub(super) fn tensor_type(
        self,
        number: u8,
        dimensions: &[u32],
        bytes: usize,
    ) -> Result<TensorType> {
        let fits =
            |ty: &TensorType| Tensor::byte_size(*ty, dimensions).is_ok_and(|size| size == bytes);
        let found = self.find(number);
        if let Some(ty) = found.filter(fits) {
            return Ok(ty);
        }
        let error = match found {
            Some(ty) => match Tensor::byte_size(ty, dimensions) {
                Err(error) => error,
                Ok(size) => Error::invalid_argument(format!(
                    "a tensor {ty}{dimensions:?} has {size} bytes, but {bytes} were given"
                )),
            },
            None => Error::invalid_argument(format!(
                "{number} is no type of tensors in the numbering `{}`",
                self.name()
            )),
        };
        let other = self.other();
        Err(match other.find(number).filter(fits) {
            Some(ty) => error.with_help(format!(
                "it fits the numbering of another interface, where {number} is {ty}: try `--plugin-config nn.numbering={}`",
                other.name()
            )),
            None => error,
        })
    }
}

impl FromStr for Numbering {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Numbering::Specification, Numbering::WasmEdge014]
            .into_iter()
            .find(|numbering| numbering.name() == text)
            .ok_or_else(|| {
                format!(
                    "must be `specification` or `wasmedge-0.14`, not `{}`",
                    text.escape_debug()
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_specification() {
        let types = (0..=6).map(|number| Numbering::Specification.find(number));
        let names: Vec<_> = types.flatten().map(TensorType::name).collect();
        assert_eq!(names, ["f16", "f32", "f64", "u8", "i32", "i64"]);
    }

    #[test]
    fn the_other_numbering_is_recognised() {
        let help = |numbering: Numbering, number, bytes| {
            let error = numbering.tensor_type(number, &[2, 3], bytes).unwrap_err();
            error.help().map(str::to_owned)
        };
        // u8 and i32 of WasmEdge 0.14.
        for (number, bytes) in [(2, 6), (3, 24)] {
            let help = help(Numbering::Specification, number, bytes).unwrap();
            assert!(help.contains("nn.numbering=wasmedge-0.14"), "{help}");
        }
        for (number, bytes) in [(2, 48), (3, 6), (4, 24), (5, 48)] {
            let help = help(Numbering::WasmEdge014, number, bytes).unwrap();
            assert!(help.contains("nn.numbering=specification"), "{help}");
        }
        for (number, bytes) in [(2, 7), (9, 6), (1, 6)] {
            assert_eq!(help(Numbering::Specification, number, bytes), None);
        }
    }

    #[test]
    fn sizes_that_overflow_are_errors() {
        let huge = [u32::MAX, u32::MAX, u32::MAX];
        let error = Numbering::Specification
            .tensor_type(1, &huge, 4)
            .unwrap_err();
        assert_eq!(error.code(), c12_nn_core::Code::TooLarge);
    }
}
