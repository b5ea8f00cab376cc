use std::borrow::Cow;

use bytes::Bytes;

use crate::{Error, Result, Tensor, TensorType};

/// A type of elements that a framework knows. Guests see those that the specification lacks as another:
/// truth values and signed bytes as bytes, unsigned integers as the signed ones of the same size (in both cases the
/// bits stay as they are), and 16-bit integers as 32-bit ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NativeType {
    Bool,
    F16,
    F32,
    F64,
    Bf16,
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    I64,
    U64,
}

impl NativeType {
    /// What guests see.
    pub(crate) fn shown(self) -> TensorType {
        match self {
            NativeType::Bool | NativeType::I8 | NativeType::U8 => TensorType::U8,
            NativeType::F16 => TensorType::F16,
            NativeType::F32 => TensorType::F32,
            NativeType::F64 => TensorType::F64,
            NativeType::Bf16 => TensorType::Bf16,
            NativeType::I16 | NativeType::U16 | NativeType::I32 | NativeType::U32 => {
                TensorType::I32
            }
            NativeType::I64 | NativeType::U64 => TensorType::I64,
        }
    }

    /// The size of an element for the framework, in bytes.
    pub(crate) fn size(self) -> usize {
        match self {
            NativeType::I16 | NativeType::U16 => 2,
            other => other.shown().size(),
        }
    }

    /// How many bytes the framework has for a tensor of these dimensions.
    pub(crate) fn byte_size(self, dimensions: &[u32]) -> Result<usize> {
        Tensor::elements(dimensions)?
            .checked_mul(self.size())
            .filter(|bytes| isize::try_from(*bytes).is_ok())
            .ok_or_else(|| {
                Error::too_large(format!(
                    "a tensor of the dimensions {dimensions:?} does not fit into memory"
                ))
            })
    }

    /// A guest's data as the framework wants it.
    ///
    /// # Errors
    ///
    /// The tensor is not one that is shown for this type, or a number is out of the range of 16 bits.
    pub(crate) fn bytes_of<'a>(self, tensor: &'a Tensor) -> Result<Cow<'a, [u8]>> {
        tensor.check()?;
        if tensor.ty != self.shown() {
            return Err(Error::invalid_argument(format!(
                "the tensor's elements are {}, not {}",
                tensor.ty,
                self.shown()
            )));
        }
        Ok(match self {
            // To a framework in C++, a truth value that is neither 0 nor 1 is undefined behaviour.
            NativeType::Bool if tensor.data.iter().any(|byte| *byte > 1) => tensor
                .data
                .iter()
                .map(|byte| u8::from(*byte != 0))
                .collect(),
            NativeType::I16 => narrowed::<i16, 2>(tensor, i16::to_ne_bytes)?.into(),
            NativeType::U16 => narrowed::<u16, 2>(tensor, u16::to_ne_bytes)?.into(),
            _ => Cow::Borrowed(&tensor.data),
        })
    }

    /// The framework's data as guests see it.
    ///
    /// # Errors
    ///
    /// The data does not fit the dimensions.
    pub(crate) fn tensor_of(self, dimensions: Vec<u32>, data: &[u8]) -> Result<Tensor> {
        let data = match self {
            NativeType::I16 => widened(data, |pair| i32::from(i16::from_ne_bytes(pair))),
            NativeType::U16 => widened(data, |pair| i32::from(u16::from_ne_bytes(pair))),
            _ => Bytes::copy_from_slice(data),
        };
        Tensor::new(self.shown(), dimensions, data).map_err(|error| {
            Error::runtime(format!(
                "the framework gave an output that is no tensor: {error}"
            ))
        })
    }
}

fn narrowed<T: TryFrom<i32>, const N: usize>(
    tensor: &Tensor,
    bytes: fn(T) -> [u8; N],
) -> Result<Vec<u8>> {
    let mut narrow = Vec::with_capacity(tensor.data.len() / 2);
    for number in tensor.to_slice::<i32>()?.iter() {
        let short = T::try_from(*number).map_err(|_| {
            Error::invalid_argument(format!(
                "{number} is out of the range of the model's 16-bit integers"
            ))
        })?;
        narrow.extend_from_slice(&bytes(short));
    }
    Ok(narrow)
}

fn widened(data: &[u8], number: fn([u8; 2]) -> i32) -> Bytes {
    data.as_chunks::<2>()
        .0
        .iter()
        .flat_map(|pair| number(*pair).to_ne_bytes())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_are_shown_as_thirty_two_and_back() {
        let data: Vec<u8> = [-2_i16, 300].iter().flat_map(|n| n.to_ne_bytes()).collect();
        let tensor = NativeType::I16.tensor_of(vec![2], &data).unwrap();
        assert_eq!(*tensor.to_slice::<i32>().unwrap(), [-2, 300]);
        assert_eq!(*NativeType::I16.bytes_of(&tensor).unwrap(), data);
        let error = NativeType::U16.bytes_of(&tensor).unwrap_err();
        assert!(error.message().contains("-2"), "{error}");
    }

    #[test]
    fn truth_values_are_made_zero_or_one() {
        let tensor = Tensor::from_slice(&[4], &[0_u8, 1, 2, 255]).unwrap();
        assert_eq!(*NativeType::Bool.bytes_of(&tensor).unwrap(), [0, 1, 1, 1]);
        assert_eq!(*NativeType::I8.bytes_of(&tensor).unwrap(), [0, 1, 2, 255]);
    }

    #[test]
    fn data_that_does_not_fit_is_refused() {
        let tensor = Tensor::from_slice(&[1], &[1.0_f32]).unwrap();
        assert!(NativeType::F64.bytes_of(&tensor).is_err());
        assert!(NativeType::F32.tensor_of(vec![2], &[0; 4]).is_err());
        assert!(NativeType::F32.byte_size(&[u32::MAX, u32::MAX]).is_err());
        assert_eq!(
            NativeType::F32.byte_size(&[u32::MAX, u32::MAX, 0]).unwrap(),
            0
        );
    }
}
