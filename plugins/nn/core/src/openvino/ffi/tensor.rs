#![allow(unsafe_code)]

use super::library::Library;
use super::raw::{RawShape, RawTensor, number_of, type_of};
use crate::foreign::Owned;
use crate::native_type::NativeType;
use crate::{Error, Result, Tensor};

/// A tensor of the library's.
pub(crate) struct NativeTensor(pub(super) Owned<RawTensor>);

// SAFETY: a tensor may go from thread to thread.
unsafe impl Send for NativeTensor {}

impl NativeTensor {
    pub(crate) fn new(library: &Library, ty: NativeType, dimensions: &[u32]) -> Result<Self> {
        ty.byte_size(dimensions)?;
        let dimensions = dimensions.iter().map(|size| i64::from(*size)).collect();
        Self::with_shape(library, ty, dimensions)
    }

    pub(super) fn with_shape(
        library: &Library,
        ty: NativeType,
        mut dimensions: Vec<i64>,
    ) -> Result<Self> {
        let shape = RawShape {
            rank: i64::try_from(dimensions.len()).unwrap_or(i64::MAX),
            dimensions: dimensions.as_mut_ptr(),
        };
        let mut raw = std::ptr::null_mut();
        // SAFETY: the type is one of the library's, the shape has as many dimensions as it says and is only read, and
        // `raw` can be written to.
        let status =
            unsafe { (library.functions.ov_tensor_create)(number_of(ty)?, shape, &raw mut raw) };
        library.checked(status)?;
        Self::own(library, raw)
    }

    pub(super) fn own(library: &Library, raw: *mut RawTensor) -> Result<Self> {
        // SAFETY: what the functions give is freed once.
        unsafe { Owned::new(raw, library.functions.ov_tensor_free) }
            .map(Self)
            .ok_or_else(|| Error::runtime("OpenVINO gave no tensor"))
    }

    pub(super) fn byte_size(&self, library: &Library) -> Result<usize> {
        let mut size = 0;
        // SAFETY: the tensor is valid, and `size` can be written to.
        let status =
            unsafe { (library.functions.ov_tensor_get_byte_size)(self.0.as_ptr(), &raw mut size) };
        library.checked(status)?;
        Ok(size)
    }

    /// Where its elements are.
    fn data(&self, library: &Library) -> Result<*mut u8> {
        let mut data = std::ptr::null_mut();
        // SAFETY: the tensor is valid, and `data` can be written to.
        let status = unsafe { (library.functions.ov_tensor_data)(self.0.as_ptr(), &raw mut data) };
        library.checked(status)?;
        Ok(data.cast())
    }

    /// Fills it with exactly these bytes.
    pub(crate) fn write(&self, library: &Library, bytes: &[u8]) -> Result<()> {
        let size = self.byte_size(library)?;
        if size != bytes.len() {
            return Err(Error::invalid_argument(format!(
                "a tensor has {size} bytes, but {} were given",
                bytes.len()
            )));
        }
        let data = self.data(library)?;
        if size > 0 && !data.is_null() {
            // SAFETY: the tensor has as many bytes, which nobody else uses: it is this crate's, and no inference is
            // under way.
            unsafe { data.copy_from_nonoverlapping(bytes.as_ptr(), size) };
        }
        Ok(())
    }

    pub(super) fn read(&self, library: &Library) -> Result<Tensor> {
        let mut number = 0;
        // SAFETY: the tensor is valid, and `number` can be written to.
        let status = unsafe {
            (library.functions.ov_tensor_get_element_type)(self.0.as_ptr(), &raw mut number)
        };
        library.checked(status)?;
        let ty = type_of(number)
            .ok_or_else(|| Error::unsupported("an output has a type that guests cannot have"))?;
        let dimensions = self.dimensions(library)?;
        let size = self.byte_size(library)?;
        let data = self.data(library)?;
        let bytes = if size == 0 || data.is_null() {
            &[]
        } else {
            // SAFETY: the tensor has as many bytes, and nothing writes to it before the next inference.
            unsafe { std::slice::from_raw_parts(data, size) }
        };
        ty.tensor_of(dimensions, bytes)
    }

    fn dimensions(&self, library: &Library) -> Result<Vec<u32>> {
        let mut shape = RawShape {
            rank: 0,
            dimensions: std::ptr::null_mut(),
        };
        // SAFETY: the tensor is valid, and `shape` can be written to.
        let status =
            unsafe { (library.functions.ov_tensor_get_shape)(self.0.as_ptr(), &raw mut shape) };
        library.checked(status)?;
        let rank = usize::try_from(shape.rank).unwrap_or(0);
        let dimensions = if rank == 0 || shape.dimensions.is_null() {
            Some(Vec::new())
        } else {
            // SAFETY: the library gives as many dimensions as the rank says.
            unsafe { std::slice::from_raw_parts(shape.dimensions, rank) }
                .iter()
                .map(|size| u32::try_from(*size).ok())
                .collect()
        };
        // SAFETY: it is not used any more, and freed once.
        unsafe { (library.functions.ov_shape_free)(&raw mut shape) };
        dimensions.ok_or_else(|| Error::runtime("an output has more elements than fit"))
    }
}
