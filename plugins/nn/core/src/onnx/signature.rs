//! What a model takes and gives, as its file says.

use std::collections::HashSet;

use super::wire::{Fields, Value, broken};
use crate::{Dimension, Result, Side, Signature, TensorDescription, TensorType};

/// ONNX's number for truth values.
pub(super) const BOOL: u64 = 9;

/// The two sides of a graph, with ONNX's numbers for their types.
#[derive(Debug, Clone, Default)]
pub(super) struct Declared {
    pub(super) signature: Signature,
    pub(super) input_types: Vec<u64>,
    pub(super) output_types: Vec<u64>,
}

/// Reads the inputs and outputs of a model that has been looked at.
pub(super) fn declared(model: &[u8]) -> Result<Declared> {
    let mut declared = Declared::default();
    for field in Fields::of(model) {
        if let (7, graph) = field? {
            read_graph(graph.bytes()?, &mut declared)?;
        }
    }
    Ok(declared)
}

fn read_graph(graph: &[u8], declared: &mut Declared) -> Result<()> {
    let mut constants = HashSet::new();
    let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
    for field in Fields::of(graph) {
        match field? {
            (5, tensor) => {
                constants.insert(constant_name(tensor.bytes()?)?.to_owned());
            }
            (11, value) => inputs.push(description(value.bytes()?)?),
            (12, value) => outputs.push(description(value.bytes()?)?),
            _ => {}
        }
    }
    // What has a value already need not be given.
    inputs.retain(|(tensor, _)| !constants.contains(&tensor.name));
    let (inputs, input_types) = inputs.into_iter().unzip();
    let (outputs, output_types) = outputs.into_iter().unzip();
    *declared = Declared {
        signature: Signature {
            inputs: Side::of(inputs),
            outputs: Side::of(outputs),
        },
        input_types,
        output_types,
    };
    Ok(())
}

fn constant_name(tensor: &[u8]) -> Result<&str> {
    for field in Fields::of(tensor) {
        if let (8, name) = field? {
            return name.text();
        }
    }
    Ok("")
}

fn description(value: &[u8]) -> Result<(TensorDescription, u64)> {
    let mut tensor = TensorDescription {
        name: String::new(),
        ty: None,
        dimensions: None,
    };
    let mut number = 0;
    for field in Fields::of(value) {
        match field? {
            (1, name) => name.text()?.clone_into(&mut tensor.name),
            (2, ty) => {
                for field in Fields::of(ty.bytes()?) {
                    if let (1, ty) = field? {
                        number = tensor_type(ty.bytes()?, &mut tensor)?;
                    }
                }
            }
            _ => {}
        }
    }
    tensor.ty = interface_type(number);
    Ok((tensor, number))
}

fn tensor_type(ty: &[u8], tensor: &mut TensorDescription) -> Result<u64> {
    let mut number = 0;
    for field in Fields::of(ty) {
        match field? {
            (1, Value::Varint(ty)) => number = ty,
            (2, shape) => {
                let dimensions = Fields::of(shape.bytes()?)
                    .map(|field| dimension(field?.1.bytes()?))
                    .collect::<Result<Vec<_>>>()?;
                tensor.dimensions = Some(dimensions);
            }
            _ => {}
        }
    }
    Ok(number)
}

fn dimension(message: &[u8]) -> Result<Dimension> {
    let mut dimension = Dimension::Free(None);
    for field in Fields::of(message) {
        match field? {
            // Some tools write a negative size for a free one.
            (1, Value::Varint(size)) if size.cast_signed() >= 0 => {
                dimension = Dimension::Fixed(u32::try_from(size).map_err(|_| broken())?);
            }
            (2, name) => {
                let name = Some(name.text()?.to_owned()).filter(|name| !name.is_empty());
                dimension = Dimension::Free(name);
            }
            _ => {}
        }
    }
    Ok(dimension)
}

/// The interface's type for ONNX's number of a type.
pub(super) fn interface_type(number: u64) -> Option<TensorType> {
    Some(match number {
        1 => TensorType::F32,
        2 | BOOL => TensorType::U8,
        6 => TensorType::I32,
        7 => TensorType::I64,
        10 => TensorType::F16,
        11 => TensorType::F64,
        16 => TensorType::Bf16,
        _ => return None,
    })
}
