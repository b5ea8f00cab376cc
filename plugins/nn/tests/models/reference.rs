//! Real models with inputs, and what the frameworks' own Python packages make of them. The core's tests compare with the
//! same numbers.

use std::path::PathBuf;

use c12_nn::setup::Framework;
use serde_json::Value;

/// Written by `xtask/nn/reference.py`: of every output some numbers, spread evenly.
const REFERENCE: &str = include_str!("../../core/tests/models/reference.json");

/// Models, inputs and frameworks.
pub(crate) fn folder() -> PathBuf {
    std::env::var_os("C12_NN_MODELS")
        .expect("it named a folder when this was built")
        .into()
}

/// The folder of a framework, which is set up when it is asked for first.
pub(crate) fn set_up(framework: Framework) -> String {
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    let installed = framework
        .set_up(&folder().join("frameworks"), &mut |line| println!("{line}"))
        .unwrap_or_else(|error| panic!("{error}: {}", error.help().unwrap_or_default()));
    installed.folder.display().to_string()
}

pub(crate) struct Case {
    pub(crate) model: String,
    pub(crate) inputs: Vec<Input>,
    pub(crate) outputs: Vec<Expected>,
}

pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) ty: String,
    pub(crate) dimensions: Vec<u32>,
    pub(crate) data: Vec<u8>,
}

/// An output as the framework's own package has it.
pub(crate) struct Expected {
    pub(crate) name: String,
    pub(crate) dimensions: Vec<u32>,
    numbers: Vec<f64>,
}

impl Case {
    /// The case of this name, with what this framework gives: `onnxruntime`, `openvino` or `litert`.
    pub(crate) fn read(name: &str, framework: &str) -> Self {
        let folder = folder();
        let inputs = folder.join("inputs");
        let text = std::fs::read(inputs.join(format!("{name}.json"))).unwrap();
        let description: Value = serde_json::from_slice(&text).unwrap();
        let reference: Value = serde_json::from_str(REFERENCE).unwrap();
        let outputs = reference[name][framework].as_array();
        let outputs = outputs.unwrap_or_else(|| panic!("{framework} has not run {name}"));
        let input = |tensor: &Value| Input {
            name: text_of(tensor, "name"),
            ty: text_of(tensor, "type"),
            dimensions: dimensions(tensor),
            data: std::fs::read(inputs.join(text_of(tensor, "file"))).unwrap(),
        };
        let tensors = description["inputs"].as_array().unwrap();
        Case {
            model: folder
                .join(text_of(&description, "model"))
                .display()
                .to_string(),
            inputs: tensors.iter().map(input).collect(),
            outputs: outputs.iter().map(expected).collect(),
        }
    }
}

fn expected(tensor: &Value) -> Expected {
    let numbers = tensor["numbers"].as_array().unwrap();
    Expected {
        name: text_of(tensor, "name"),
        dimensions: dimensions(tensor),
        numbers: numbers.iter().map(|it| it.as_f64().unwrap()).collect(),
    }
}

impl Expected {
    /// In bytes, of numbers of 32 bits.
    pub(crate) fn size(&self) -> u32 {
        4 * self.dimensions.iter().product::<u32>()
    }

    /// Panics if the output differs by more than this, counted from the size of the numbers where they are large.
    pub(crate) fn check(&self, output: &[f32], tolerance: f64, what: &str) {
        assert_eq!(output.len() * 4, self.size() as usize, "{what}");
        for (index, expected) in self.numbers.iter().enumerate() {
            let found = f64::from(output[output.len() * index / self.numbers.len()]);
            assert!(
                (found - expected).abs() <= tolerance * (1.0 + expected.abs()),
                "{what} has {found} where {expected} was expected"
            );
        }
    }
}

fn text_of(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap().to_owned()
}

fn dimensions(tensor: &Value) -> Vec<u32> {
    let sizes = tensor["dimensions"].as_array().unwrap().iter();
    let sizes: Vec<u32> = sizes
        .map(|size| size.as_u64().unwrap().try_into().unwrap())
        .collect();
    // A single value, as the interface writes it.
    if sizes.is_empty() { vec![1] } else { sizes }
}
