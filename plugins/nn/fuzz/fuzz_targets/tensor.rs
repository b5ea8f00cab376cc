//! Tensors as guests hand them over, and their places in a model.
#![no_main]

use c12_nn_core::{Dimension, Side, Tensor, TensorDescription, TensorId, TensorType};
use libfuzzer_sys::fuzz_target;

fuzz_target!(
    |input: (u8, Vec<u32>, Vec<u8>, Vec<(bool, u32)>, String, bool)| {
        let (ty, dimensions, data, expected, name, open) = input;
        let ty = TensorType::ALL[usize::from(ty) % TensorType::ALL.len()];
        let tensor = Tensor {
            ty,
            dimensions: dimensions.clone(),
            data: data.clone().into(),
        };
        let sound = tensor.check();
        if let Ok(bytes) = Tensor::byte_size(ty, &dimensions) {
            let elements =
                Tensor::elements(&dimensions).expect("the bytes fit, so the elements do");
            assert_eq!(elements * ty.size(), bytes);
            assert_eq!(sound.is_ok(), bytes == data.len());
        } else {
            assert!(sound.is_err());
        }
        for read in [
            tensor.to_slice::<f32>().map(|elements| elements.len() * 4),
            tensor.to_slice::<f64>().map(|elements| elements.len() * 8),
            tensor.to_slice::<i64>().map(|elements| elements.len() * 8),
            tensor.to_slice::<u8>().map(|elements| elements.len()),
        ]
        .into_iter()
        .flatten()
        {
            assert_eq!(read, data.len());
        }
        let _ = tensor.to_text();

        let description = TensorDescription {
            name: name.clone(),
            ty: Some(ty).filter(|_| !open),
            dimensions: Some(
                expected
                    .into_iter()
                    .map(|(free, size)| {
                        if free {
                            Dimension::Free(None)
                        } else {
                            Dimension::Fixed(size)
                        }
                    })
                    .collect(),
            ),
        };
        if description.check(&tensor).is_ok() {
            assert!(sound.is_ok());
        }
        let side = Side {
            tensors: vec![description],
            open,
        };
        for id in [
            TensorId::Index(dimensions.first().copied().unwrap_or_default()),
            TensorId::Name(name.clone()),
            TensorId::Name(dimensions.len().to_string()),
        ] {
            if let Ok(position) = side.position(&id, "input") {
                assert!(position == 0 || (open && position < 1000));
                let _ = side.name(position);
            }
        }
    }
);
