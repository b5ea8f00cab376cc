use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use bytes::Bytes;

use crate::{Error, Result};

/// What a tensor's elements are: `tensor-type` of `wasi:nn/tensor@0.2.0-rc-2024-10-28`, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TensorType {
    /// IEEE 754 half precision.
    F16,
    /// IEEE 754 single precision.
    F32,
    /// IEEE 754 double precision.
    F64,
    /// The upper half of a single.
    Bf16,
    /// Unsigned bytes.
    U8,
    /// Signed 32-bit integers.
    I32,
    /// Signed 64-bit integers.
    I64,
}

impl TensorType {
    /// All of them, in the specification's order.
    pub const ALL: [TensorType; 7] = [
        TensorType::F16,
        TensorType::F32,
        TensorType::F64,
        TensorType::Bf16,
        TensorType::U8,
        TensorType::I32,
        TensorType::I64,
    ];

    /// The size of an element, in bytes.
    pub fn size(self) -> usize {
        match self {
            TensorType::U8 => 1,
            TensorType::F16 | TensorType::Bf16 => 2,
            TensorType::F32 | TensorType::I32 => 4,
            TensorType::F64 | TensorType::I64 => 8,
        }
    }

    /// In the words of this crate's messages: `f32`, `bf16` …
    pub fn name(self) -> &'static str {
        match self {
            TensorType::F16 => "f16",
            TensorType::F32 => "f32",
            TensorType::F64 => "f64",
            TensorType::Bf16 => "bf16",
            TensorType::U8 => "u8",
            TensorType::I32 => "i32",
            TensorType::I64 => "i64",
        }
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for TensorType {
    type Err = Error;

    /// Also understands the specification's `fp32` for `f32`.
    fn from_str(text: &str) -> Result<Self> {
        let lower = text.to_ascii_lowercase();
        let short = lower.replacen("fp", "f", 1);
        TensorType::ALL
            .into_iter()
            .find(|ty| ty.name() == short)
            .ok_or_else(|| Error::invalid_argument(format!("`{text}` is no type of tensors")))
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A Rust type that is a tensor's element.
pub trait Element: bytemuck::Pod + sealed::Sealed {
    /// What the tensor calls it.
    const TYPE: TensorType;
}

macro_rules! elements {
    ($($rust:ty => $tensor:ident),*) => {$(
        impl sealed::Sealed for $rust {}
        impl Element for $rust {
            const TYPE: TensorType = TensorType::$tensor;
        }
    )*};
}

elements!(f32 => F32, f64 => F64, u8 => U8, i32 => I32, i64 => I64);

/// Numbers in row-major order, little-endian, as they lie in a guest's memory.
///
/// Whatever a guest passes can be held; [`Tensor::check`] says whether it is one. Cloning shares the data.
#[derive(Clone, PartialEq, Eq)]
pub struct Tensor {
    /// What the elements are.
    pub ty: TensorType,
    /// The size of every dimension; empty for a single value.
    pub dimensions: Vec<u32>,
    /// The elements.
    pub data: Bytes,
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Tensor({}{:?}, {} bytes)",
            self.ty,
            self.dimensions,
            self.data.len()
        )
    }
}

impl Tensor {
    /// A tensor whose data fits its dimensions.
    ///
    /// # Errors
    ///
    /// What [`Tensor::check`] says.
    pub fn new(ty: TensorType, dimensions: Vec<u32>, data: impl Into<Bytes>) -> Result<Self> {
        let tensor = Self {
            ty,
            dimensions,
            data: data.into(),
        };
        tensor.check()?;
        Ok(tensor)
    }

    /// A tensor of these elements.
    ///
    /// # Errors
    ///
    /// There are more or fewer elements than the dimensions say.
    pub fn from_slice<T: Element>(dimensions: &[u32], elements: &[T]) -> Result<Self> {
        let data = Bytes::copy_from_slice(bytemuck::cast_slice(elements));
        Self::new(T::TYPE, dimensions.to_vec(), data)
    }

    /// The text as bytes, the way guests hand over prompts: one dimension, of its length.
    pub fn from_text(text: impl Into<String>) -> Self {
        let data = Bytes::from(text.into());
        Self {
            ty: TensorType::U8,
            dimensions: vec![u32::try_from(data.len()).unwrap_or(u32::MAX)],
            data,
        }
    }

    /// How many elements a tensor of these dimensions has.
    ///
    /// # Errors
    ///
    /// More than fit into memory.
    pub fn elements(dimensions: &[u32]) -> Result<usize> {
        // A zero anywhere makes it empty, also where the rest would overflow.
        if dimensions.contains(&0) {
            return Ok(0);
        }
        dimensions
            .iter()
            .try_fold(1_usize, |product, size| {
                product.checked_mul(usize::try_from(*size).ok()?)
            })
            .filter(|elements| isize::try_from(*elements).is_ok())
            .ok_or_else(|| {
                Error::too_large(format!(
                    "a tensor of the dimensions {dimensions:?} does not fit into memory"
                ))
            })
    }

    /// How many bytes a tensor of this type and these dimensions has.
    ///
    /// # Errors
    ///
    /// More than fit into memory.
    pub fn byte_size(ty: TensorType, dimensions: &[u32]) -> Result<usize> {
        Self::elements(dimensions)?
            .checked_mul(ty.size())
            .filter(|bytes| isize::try_from(*bytes).is_ok())
            .ok_or_else(|| {
                Error::too_large(format!(
                    "a tensor {ty}{dimensions:?} does not fit into memory"
                ))
            })
    }

    /// Whether the data fits the type and the dimensions.
    ///
    /// # Errors
    ///
    /// It does not, or the size overflows.
    pub fn check(&self) -> Result<()> {
        let expected = Self::byte_size(self.ty, &self.dimensions)?;
        if expected == self.data.len() {
            return Ok(());
        }
        Err(Error::invalid_argument(format!(
            "a tensor {}{:?} has {expected} bytes, but {} were given",
            self.ty,
            self.dimensions,
            self.data.len()
        )))
    }

    /// The elements, without a copy where the data happens to be aligned.
    ///
    /// # Errors
    ///
    /// The tensor has another type, or its data ends within an element.
    pub fn to_slice<T: Element>(&self) -> Result<Cow<'_, [T]>> {
        if self.ty != T::TYPE {
            return Err(Error::invalid_argument(format!(
                "the tensor's elements are {}, not {}",
                self.ty,
                T::TYPE
            )));
        }
        if !self.data.len().is_multiple_of(size_of::<T>()) {
            return Err(Error::invalid_argument(format!(
                "{} bytes are no whole number of {} elements",
                self.data.len(),
                self.ty
            )));
        }
        Ok(match bytemuck::try_cast_slice(&self.data) {
            Ok(elements) => Cow::Borrowed(elements),
            Err(_) => Cow::Owned(bytemuck::pod_collect_to_vec(&self.data)),
        })
    }

    /// The bytes as text.
    ///
    /// # Errors
    ///
    /// They are no UTF-8.
    pub fn to_text(&self) -> Result<&str> {
        std::str::from_utf8(&self.data)
            .map_err(|error| Error::invalid_argument(format!("the text is not UTF-8: {error}")))
    }
}

/// Which tensor of a graph is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TensorId {
    /// By position.
    Index(u32),
    /// By name; a number in digits also means the position if no tensor has it for a name.
    Name(String),
}

impl fmt::Display for TensorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TensorId::Index(index) => write!(f, "{index}"),
            TensorId::Name(name) => write!(f, "`{}`", name.escape_debug()),
        }
    }
}

impl From<u32> for TensorId {
    fn from(index: u32) -> Self {
        TensorId::Index(index)
    }
}

impl From<&str> for TensorId {
    fn from(name: &str) -> Self {
        TensorId::Name(name.to_owned())
    }
}

/// A tensor and its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedTensor {
    /// The name; digits for a position if the model has no names.
    pub name: String,
    /// The tensor.
    pub tensor: Tensor,
}
