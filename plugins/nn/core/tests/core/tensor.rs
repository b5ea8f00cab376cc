use c12_nn_core::{Code, Tensor, TensorType};

#[test]
fn every_type_has_its_size_and_name() {
    for (ty, size, name) in [
        (TensorType::F16, 2, "f16"),
        (TensorType::F32, 4, "fp32"),
        (TensorType::F64, 8, "FP64"),
        (TensorType::Bf16, 2, "bf16"),
        (TensorType::U8, 1, "u8"),
        (TensorType::I32, 4, "i32"),
        (TensorType::I64, 8, "I64"),
    ] {
        assert_eq!(ty.size(), size);
        assert_eq!(name.parse::<TensorType>().unwrap(), ty);
    }
    assert!("i8".parse::<TensorType>().is_err());
}

#[test]
fn sizes_that_overflow_are_too_large() {
    for dimensions in [
        vec![u32::MAX; 2],
        vec![u32::MAX; 3],
        vec![1 << 31, 1 << 31, 4],
        vec![65536; 64],
    ] {
        for ty in TensorType::ALL {
            let bytes = Tensor::byte_size(ty, &dimensions);
            if dimensions.len() > 2 {
                assert_eq!(bytes.unwrap_err().code(), Code::TooLarge);
            } else if let Ok(bytes) = bytes {
                assert_eq!(bytes, u32::MAX as usize * u32::MAX as usize * ty.size());
            }
        }
    }
    assert_eq!(Tensor::byte_size(TensorType::F32, &[]).unwrap(), 4);
    assert_eq!(
        Tensor::byte_size(TensorType::F32, &[u32::MAX, 0, u32::MAX, u32::MAX]).unwrap(),
        0
    );
}

#[test]
fn data_must_fit_the_dimensions() {
    Tensor::new(TensorType::I32, vec![2, 3], vec![0; 24]).unwrap();
    let error = Tensor::new(TensorType::I32, vec![2, 3], vec![0; 23]).unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument);
    assert_eq!(
        error.message(),
        "a tensor i32[2, 3] has 24 bytes, but 23 were given"
    );
}

#[test]
fn elements_come_out_as_they_went_in_aligned_or_not() {
    let numbers = [1.5_f32, -2.0, f32::MIN_POSITIVE];
    let tensor = Tensor::from_slice(&[3], &numbers).unwrap();
    assert_eq!(&*tensor.to_slice::<f32>().unwrap(), &numbers);
    let mut shifted = vec![0_u8];
    shifted.extend_from_slice(&tensor.data);
    let shifted = Tensor {
        data: bytes::Bytes::from(shifted).slice(1..),
        ..tensor.clone()
    };
    assert_eq!(&*shifted.to_slice::<f32>().unwrap(), &numbers);
    assert!(tensor.to_slice::<i32>().is_err());
    let cut = Tensor {
        data: tensor.data.slice(..5),
        ..tensor
    };
    assert!(cut.to_slice::<f32>().is_err());
}
