//! Inputs and outputs as the framework's own Python package has them.

use c12_nn_core::{NamedTensor, Tensor, TensorId};
use serde_json::Value;

use crate::packages::Models;

pub(crate) struct Case {
    pub(crate) model: std::path::PathBuf,
    pub(crate) inputs: Vec<NamedTensor>,
    pub(crate) outputs: Vec<NamedTensor>,
}

impl Case {
    pub(crate) fn read(models: &Models, name: &str) -> Self {
        let text = std::fs::read(models.path(&format!("reference/{name}.json"))).unwrap();
        let description: Value = serde_json::from_slice(&text).unwrap();
        let side = |key: &str| -> Vec<NamedTensor> {
            let tensors = description[key].as_array().unwrap();
            tensors.iter().map(|tensor| read(models, tensor)).collect()
        };
        Self {
            model: models.path(description["model"].as_str().unwrap()),
            inputs: side("inputs"),
            outputs: side("outputs"),
        }
    }

    /// Panics if the outputs differ from the reference by more than this anywhere.
    pub(crate) fn check(&self, outputs: &[NamedTensor], tolerance: f32) {
        assert_eq!(outputs.len(), self.outputs.len());
        for (output, expected) in outputs.iter().zip(&self.outputs) {
            assert_eq!(output.name, expected.name);
            assert_eq!(output.tensor.ty, expected.tensor.ty);
            assert_eq!(output.tensor.dimensions, expected.tensor.dimensions);
            let difference = difference(&output.tensor, &expected.tensor);
            assert!(
                difference <= tolerance,
                "`{}` differs by {difference}",
                output.name
            );
        }
    }
}

/// Panics if the outputs differ by more than this, counted from the size of the numbers where they are large.
pub(crate) fn agree(outputs: &[Tensor], expected: &[NamedTensor], tolerance: f32) {
    assert_eq!(outputs.len(), expected.len());
    for (output, expected) in outputs.iter().zip(expected) {
        assert_eq!(output.dimensions, expected.tensor.dimensions);
        let ours = output.to_slice::<f32>().unwrap();
        let theirs = expected.tensor.to_slice::<f32>().unwrap();
        for (one, other) in ours.iter().zip(theirs.iter()) {
            assert!(
                (one - other).abs() <= tolerance * (1.0 + other.abs()),
                "`{}` has {one} where {other} was expected",
                expected.name
            );
        }
    }
}

/// The greatest difference of two tensors' elements.
pub(crate) fn difference(one: &Tensor, other: &Tensor) -> f32 {
    let one = one.to_slice::<f32>().unwrap();
    let other = other.to_slice::<f32>().unwrap();
    assert_eq!(one.len(), other.len());
    one.iter()
        .zip(other.iter())
        .map(|(one, other)| (one - other).abs())
        .fold(0.0, f32::max)
}

fn read(models: &Models, description: &Value) -> NamedTensor {
    let file = description["file"].as_str().unwrap();
    let data = std::fs::read(models.path(&format!("reference/{file}"))).unwrap();
    let dimensions = description["dimensions"].as_array().unwrap();
    let mut dimensions: Vec<u32> = dimensions
        .iter()
        .map(|size| u32::try_from(size.as_u64().unwrap()).unwrap())
        .collect();
    // A single value, as the interface writes it.
    if dimensions.is_empty() {
        dimensions.push(1);
    }
    let ty = description["type"].as_str().unwrap().parse().unwrap();
    NamedTensor {
        name: description["name"].as_str().unwrap().to_owned(),
        tensor: Tensor::new(ty, dimensions, data).unwrap(),
    }
}

/// The positions of the greatest numbers, greatest first.
pub(crate) fn top(tensor: &Tensor, count: usize) -> Vec<usize> {
    let numbers = tensor.to_slice::<f32>().unwrap();
    let mut positions: Vec<usize> = (0..numbers.len()).collect();
    positions.sort_by(|one, other| numbers[*other].total_cmp(&numbers[*one]));
    positions.truncate(count);
    positions
}

pub(crate) fn id(name: &str) -> TensorId {
    TensorId::from(name)
}
