//! Numbers with dimensions.

use std::borrow::Cow;
use std::fmt;

use super::{Error, Result};

/// What the elements of a tensor are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TensorType {
    /// Floating point of 16 bits.
    F16,
    /// `f32`
    F32,
    /// `f64`
    F64,
    /// Floating point of 16 bits with the range of 32. Core modules cannot name it.
    Bf16,
    /// `u8`
    U8,
    /// `i32`
    I32,
    /// `i64`
    I64,
}

const TYPES: [TensorType; 7] = [
    TensorType::F16,
    TensorType::F32,
    TensorType::F64,
    TensorType::Bf16,
    TensorType::U8,
    TensorType::I32,
    TensorType::I64,
];

impl TensorType {
    /// What an element takes, in bytes.
    pub fn size(self) -> usize {
        match self {
            Self::U8 => 1,
            Self::F16 | Self::Bf16 => 2,
            Self::F32 | Self::I32 => 4,
            Self::F64 | Self::I64 => 8,
        }
    }

    /// As in `f32`.
    pub fn name(self) -> &'static str {
        match self {
            Self::F16 => "f16",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Bf16 => "bf16",
            Self::U8 => "u8",
            Self::I32 => "i32",
            Self::I64 => "i64",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        TYPES.into_iter().find(|ty| ty.name() == name)
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Numbers that tensors have as elements: `f32`, `f64`, `u8`, `i32`, `i64`.
pub trait Element: bytemuck::Pod + private::Sealed {
    /// What tensors of them are.
    const TYPE: TensorType;
}

mod private {
    pub trait Sealed {}
}

macro_rules! elements {
    ($($number:ty = $case:ident;)*) => {$(
        impl private::Sealed for $number {}
        impl Element for $number {
            const TYPE: TensorType = TensorType::$case;
        }
    )*};
}

elements! {
    f32 = F32;
    f64 = F64;
    u8 = U8;
    i32 = I32;
    i64 = I64;
}

/// A tensor: elements in row-major order, with dimensions.
///
/// ```no_run
/// use c12_wasm::nn::{Tensor, TensorType};
///
/// let tensor = Tensor::new(&[2, 3], &[1_i64, 2, 3, 4, 5, 6])?;
/// assert_eq!((tensor.ty(), tensor.dimensions()), (TensorType::I64, &[2, 3][..]));
/// assert_eq!(tensor.elements::<i64>()?[4], 5);
/// tensor.elements::<f32>().unwrap_err();
/// Tensor::new(&[2, 2], &[1_i64, 2, 3]).unwrap_err();
/// # Ok::<(), c12_wasm::nn::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    ty: TensorType,
    dimensions: Vec<u32>,
    bytes: Vec<u8>,
}

impl Tensor {
    /// A tensor with these elements.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` if the dimensions ask for more or fewer of them.
    pub fn new<T: Element>(dimensions: &[u32], elements: &[T]) -> Result<Self> {
        TensorView::new(dimensions, elements).map(Self::from)
    }

    /// A tensor with elements in bytes, little-endian.
    ///
    /// # Errors
    ///
    /// As [`Tensor::new`].
    pub fn from_bytes(ty: TensorType, dimensions: Vec<u32>, bytes: Vec<u8>) -> Result<Self> {
        check(ty, &dimensions, bytes.len())?;
        Ok(Self {
            ty,
            dimensions,
            bytes,
        })
    }

    /// What its elements are.
    pub fn ty(&self) -> TensorType {
        self.ty
    }

    /// The size of each dimension.
    pub fn dimensions(&self) -> &[u32] {
        &self.dimensions
    }

    /// The elements in bytes, little-endian.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, without a copy.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The elements, without a copy unless they lie oddly in memory.
    ///
    /// # Errors
    ///
    /// `InvalidArgument` if they are of another type.
    pub fn elements<T: Element>(&self) -> Result<Cow<'_, [T]>> {
        if T::TYPE != self.ty {
            return Err(Error::InvalidArgument(format!(
                "the tensor is {}[{}], not {}",
                self.ty,
                joined(&self.dimensions),
                T::TYPE
            )));
        }
        Ok(bytemuck::try_cast_slice(&self.bytes).map_or_else(
            |_| Cow::Owned(bytemuck::pod_collect_to_vec(&self.bytes)),
            Cow::Borrowed,
        ))
    }

    /// The same elements with other dimensions.
    ///
    /// # Errors
    ///
    /// As [`Tensor::new`].
    pub fn reshape(self, dimensions: &[u32]) -> Result<Self> {
        Self::from_bytes(self.ty, dimensions.to_vec(), self.bytes)
    }
}

/// A tensor whose elements belong to somebody else: for inputs, which are then not copied within the guest.
///
/// ```no_run
/// use c12_wasm::nn::{Graph, TensorView};
///
/// let pixels = vec![0.0_f32; 3 * 224 * 224];
/// let image = TensorView::new(&[1, 3, 224, 224], &pixels)?;
/// let outputs = Graph::load_by_name("classifier")?.compute([("image", image)])?;
/// assert_eq!(outputs.first()?.dimensions(), [1, 1000]);
/// # Ok::<(), c12_wasm::nn::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TensorView<'a> {
    ty: TensorType,
    dimensions: &'a [u32],
    bytes: &'a [u8],
}

impl<'a> TensorView<'a> {
    /// A tensor with these elements.
    ///
    /// # Errors
    ///
    /// As [`Tensor::new`].
    pub fn new<T: Element>(dimensions: &'a [u32], elements: &'a [T]) -> Result<Self> {
        Self::from_bytes(T::TYPE, dimensions, bytemuck::cast_slice(elements))
    }

    /// A tensor with elements in bytes, little-endian.
    ///
    /// # Errors
    ///
    /// As [`Tensor::new`].
    pub fn from_bytes(ty: TensorType, dimensions: &'a [u32], bytes: &'a [u8]) -> Result<Self> {
        check(ty, dimensions, bytes.len())?;
        Ok(Self {
            ty,
            dimensions,
            bytes,
        })
    }

    /// What its elements are.
    pub fn ty(self) -> TensorType {
        self.ty
    }

    /// The size of each dimension.
    pub fn dimensions(self) -> &'a [u32] {
        self.dimensions
    }

    /// The elements in bytes, little-endian.
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }
}

impl<'a> From<&'a Tensor> for TensorView<'a> {
    fn from(tensor: &'a Tensor) -> Self {
        Self {
            ty: tensor.ty,
            dimensions: &tensor.dimensions,
            bytes: &tensor.bytes,
        }
    }
}

impl From<TensorView<'_>> for Tensor {
    fn from(view: TensorView<'_>) -> Self {
        Self {
            ty: view.ty,
            dimensions: view.dimensions.to_vec(),
            bytes: view.bytes.to_vec(),
        }
    }
}

/// Whether so many bytes are what the dimensions ask for.
fn check(ty: TensorType, dimensions: &[u32], bytes: usize) -> Result<()> {
    let wanted = dimensions.iter().try_fold(ty.size(), |product, dimension| {
        product.checked_mul(usize::try_from(*dimension).ok()?)
    });
    if wanted == Some(bytes) {
        return Ok(());
    }
    let dimensions = joined(dimensions);
    let wanted = wanted.map_or("more than there is memory".to_owned(), |wanted| {
        format!("{wanted} bytes")
    });
    Err(Error::InvalidArgument(format!(
        "a tensor {ty}[{dimensions}] has {wanted}, but {bytes} were given"
    )))
}

pub(super) fn joined(dimensions: &[u32]) -> String {
    let sizes: Vec<String> = dimensions.iter().map(u32::to_string).collect();
    sizes.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_what_was_put_in() {
        let tensor = Tensor::new(&[2, 2], &[1.5_f32, -2.0, 3.0, 4.0]).unwrap();
        assert_eq!(tensor.elements::<f32>().unwrap()[..], [1.5, -2.0, 3.0, 4.0]);
        assert_eq!(tensor.bytes()[..4], 1.5_f32.to_le_bytes());
        let error = tensor.elements::<i32>().unwrap_err();
        assert_eq!(error.message(), "the tensor is f32[2, 2], not i32");
        assert_eq!(tensor.reshape(&[4]).unwrap().dimensions(), [4]);
    }

    #[test]
    fn elements_that_lie_oddly_are_copied() {
        for start in 0..8 {
            let mut bytes = vec![0; 32];
            bytes.extend(7_i64.to_le_bytes());
            bytes.drain(..start);
            let odd = bytes.split_off(32 - start);
            let tensor = Tensor::from_bytes(TensorType::I64, vec![1], odd).unwrap();
            assert_eq!(tensor.elements::<i64>().unwrap()[..], [7]);
        }
    }

    #[test]
    fn dimensions_that_do_not_fit_are_refused() {
        let error = Tensor::new(&[2, 3], &[0_u8; 5]).unwrap_err();
        assert_eq!(
            error.message(),
            "a tensor u8[2, 3] has 6 bytes, but 5 were given"
        );
        let error = Tensor::new(&[u32::MAX; 3], &[0.0_f64]).unwrap_err();
        assert!(error.message().contains("more than there is memory"));
        // No dimensions are one element; a dimension of nothing is none.
        Tensor::new(&[], &[1_i32]).unwrap();
        Tensor::new::<f32>(&[0, 7], &[]).unwrap();
    }

    #[test]
    fn every_type_has_a_name() {
        for ty in TYPES {
            assert_eq!(TensorType::from_name(ty.name()), Some(ty));
        }
        assert_eq!(TensorType::from_name("f8"), None);
    }
}
