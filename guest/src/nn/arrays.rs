//! Tensors from and to arrays of `ndarray`.

use ndarray::{ArrayBase, ArrayViewD, CowArray, Data, Dimension, IxDyn};

use super::{Element, Error, Result, Tensor};

impl Tensor {
    /// A tensor with the elements of an array, whatever its layout in memory is.
    ///
    /// ```no_run
    /// use c12_wasm::nn::Tensor;
    ///
    /// let array = ndarray::arr2(&[[1.0_f32, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    /// let tensor = Tensor::from_array(&array.t())?;
    /// assert_eq!(tensor.dimensions(), [3, 2]);
    /// assert_eq!(tensor.to_array::<f32>()?, array.t().into_dyn());
    /// # Ok::<(), c12_wasm::nn::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::TooLarge`] if a dimension has no room in 32 bits.
    pub fn from_array<T, S, D>(array: &ArrayBase<S, D>) -> Result<Self>
    where
        T: Element,
        S: Data<Elem = T>,
        D: Dimension,
    {
        let dimensions = array
            .shape()
            .iter()
            .map(|size| u32::try_from(*size))
            .collect::<std::result::Result<Vec<u32>, _>>()
            .map_err(|_| Error::TooLarge("a dimension has no room in 32 bits".to_owned()))?;
        let standard = array.as_standard_layout();
        match standard.as_slice() {
            Some(elements) => Self::new(&dimensions, elements),
            None => Self::new(&dimensions, &standard.iter().copied().collect::<Vec<T>>()),
        }
    }

    /// The elements as an array, without a copy unless they lie oddly in memory.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] if they are of another type.
    pub fn to_array<T: Element>(&self) -> Result<CowArray<'_, T, IxDyn>> {
        let shape: Vec<usize> = self
            .dimensions()
            .iter()
            .map(|size| *size as usize)
            .collect();
        let wrong = |error: ndarray::ShapeError| Error::InvalidArgument(error.to_string());
        match self.elements::<T>()? {
            std::borrow::Cow::Borrowed(elements) => ArrayViewD::from_shape(shape, elements)
                .map(Into::into)
                .map_err(wrong),
            std::borrow::Cow::Owned(elements) => ndarray::ArrayD::from_shape_vec(shape, elements)
                .map(Into::into)
                .map_err(wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_keep_their_order_whatever_their_layout() {
        let array = ndarray::arr2(&[[1_i32, 2, 3], [4, 5, 6]]);
        let tensor = Tensor::from_array(&array.t()).unwrap();
        assert_eq!(tensor.dimensions(), [3, 2]);
        assert_eq!(tensor.elements::<i32>().unwrap()[..], [1, 4, 2, 5, 3, 6]);
        assert_eq!(tensor.to_array::<i32>().unwrap(), array.t().into_dyn());
        assert!(tensor.to_array::<f32>().is_err());
    }
}
