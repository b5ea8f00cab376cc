//! What models are given, and what the framework's own Python package makes of it.

use std::sync::OnceLock;

use c12_nn_core::{NamedTensor, Tensor, TensorId, TensorType};
use serde_json::Value;

use crate::packages::Models;

/// Written by `xtask/nn/reference.py`.
const REFERENCE: &str = include_str!("reference.json");

pub(crate) struct Case {
    pub(crate) model: std::path::PathBuf,
    pub(crate) inputs: Vec<NamedTensor>,
    pub(crate) outputs: Vec<Expected>,
}

/// An output as the framework's own package has it: some numbers of it, spread evenly.
pub(crate) struct Expected {
    pub(crate) name: String,
    ty: TensorType,
    dimensions: Vec<u32>,
    mean: f64,
    numbers: Vec<f64>,
}

impl Case {
    /// The case of this name, with what this framework gives: `onnxruntime`, `openvino` or `litert`.
    pub(crate) fn read(models: &Models, name: &str, framework: &str) -> Self {
        let text = std::fs::read(models.path(&format!("inputs/{name}.json"))).unwrap();
        let description: Value = serde_json::from_slice(&text).unwrap();
        let inputs = description["inputs"].as_array().unwrap();
        let outputs = reference()[name][framework].as_array();
        let outputs = outputs.unwrap_or_else(|| panic!("{framework} has not run {name}"));
        Self {
            model: models.path(description["model"].as_str().unwrap()),
            inputs: inputs.iter().map(|tensor| input(models, tensor)).collect(),
            outputs: outputs.iter().map(expected).collect(),
        }
    }

    /// Panics if the outputs differ by more than this, counted from the size of the numbers where they are large.
    pub(crate) fn check(&self, outputs: &[NamedTensor], tolerance: f64) {
        for (output, expected) in outputs.iter().zip(&self.outputs) {
            assert_eq!(output.name, expected.name);
        }
        let outputs: Vec<Tensor> = outputs.iter().map(|it| it.tensor.clone()).collect();
        agree(&outputs, &self.outputs, tolerance);
    }
}

/// Panics if the outputs differ by more than this, counted from the size of the numbers where they are large.
pub(crate) fn agree(outputs: &[Tensor], expected: &[Expected], tolerance: f64) {
    assert_eq!(outputs.len(), expected.len());
    for (output, expected) in outputs.iter().zip(expected) {
        let name = &expected.name;
        assert_eq!(output.ty, expected.ty, "`{name}`");
        assert_eq!(output.dimensions, expected.dimensions, "`{name}`");
        let elements = output.to_slice::<f32>().unwrap();
        let near =
            |ours: f64, theirs: f64| (ours - theirs).abs() <= tolerance * (1.0 + theirs.abs());
        let count = expected.numbers.len();
        for (index, theirs) in expected.numbers.iter().enumerate() {
            let place = elements.len() * index / count;
            let ours = f64::from(elements[place]);
            assert!(
                near(ours, *theirs),
                "`{name}` has {ours} at {place} where {theirs} was expected"
            );
        }
        let mean = elements.iter().copied().map(f64::from).sum::<f64>() / elements.len() as f64;
        assert!(near(mean, expected.mean), "`{name}` has the mean {mean}");
    }
}

fn reference() -> &'static Value {
    static PARSED: OnceLock<Value> = OnceLock::new();
    PARSED.get_or_init(|| serde_json::from_str(REFERENCE).unwrap())
}

fn expected(description: &Value) -> Expected {
    let numbers = description["numbers"].as_array().unwrap();
    Expected {
        name: description["name"].as_str().unwrap().to_owned(),
        ty: description["type"].as_str().unwrap().parse().unwrap(),
        dimensions: dimensions(description),
        mean: description["mean"].as_f64().unwrap(),
        numbers: numbers.iter().map(|it| it.as_f64().unwrap()).collect(),
    }
}

fn input(models: &Models, description: &Value) -> NamedTensor {
    let file = description["file"].as_str().unwrap();
    let data = std::fs::read(models.path(&format!("inputs/{file}"))).unwrap();
    let ty = description["type"].as_str().unwrap().parse().unwrap();
    NamedTensor {
        name: description["name"].as_str().unwrap().to_owned(),
        tensor: Tensor::new(ty, dimensions(description), data).unwrap(),
    }
}

fn dimensions(description: &Value) -> Vec<u32> {
    let sizes = description["dimensions"].as_array().unwrap();
    let sizes = sizes
        .iter()
        .map(|size| u32::try_from(size.as_u64().unwrap()).unwrap());
    let sizes: Vec<u32> = sizes.collect();
    // A single value, as the interface writes it.
    if sizes.is_empty() { vec![1] } else { sizes }
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
