//! What the nodes of an ONNX model come to together.

use std::collections::HashMap;

use crate::order::in_order;
use crate::{Error, Result};

/// What a single tensor may take that a model asks for with a few bytes, in bytes.
const TENSOR: u64 = 1 << 31;

/// The largest elements that engines make tensors of, in bytes.
const ELEMENT: u64 = 8;

/// The nodes of a model with all of its functions put in where they are called, which engines do.
const NODES: u64 = 1 << 20;

/// A node: what it calls, takes and gives.
#[derive(Default)]
pub(super) struct Node<'m> {
    pub(super) operator: &'m str,
    pub(super) inputs: Vec<&'m str>,
    /// What its graphs take of what is around them.
    pub(super) captured: Vec<&'m str>,
    pub(super) outputs: Vec<&'m str>,
    /// The numbers that it has, if it is a constant.
    pub(super) numbers: Vec<u64>,
}

/// A function's name: its domain, and its name within that.
pub(super) type FunctionName<'m> = (&'m str, &'m str);

/// The operators that are called.
pub(super) type Calls<'m> = Vec<FunctionName<'m>>;

/// The standard domain has two names.
pub(super) fn function_name<'m>(domain: &'m str, name: &'m str) -> FunctionName<'m> {
    (if domain == "ai.onnx" { "" } else { domain }, name)
}

/// Refuses what takes gigabytes with a few bytes in the file.
pub(super) fn plausible(node: &Node<'_>, constants: &HashMap<&str, Vec<u64>>) -> Result<()> {
    let shape = match node.operator {
        "ConstantOfShape" => node.inputs.first(),
        "Expand" => node.inputs.get(1),
        _ => None,
    };
    let Some(shape) = shape.and_then(|name| constants.get(name)) else {
        return Ok(());
    };
    let bytes = shape
        .iter()
        .filter(|size| **size != u64::MAX)
        .try_fold(ELEMENT, |product, size| product.checked_mul(*size));
    match bytes {
        Some(bytes) if bytes <= TENSOR => Ok(()),
        _ => Err(Error::too_large(format!(
            "the model makes a tensor of the dimensions {shape:?}"
        ))),
    }
}

/// The nodes of the longest chain. Refuses graphs in which a value depends on itself.
pub(super) fn longest_chain(nodes: &[Node<'_>]) -> Result<usize> {
    let mut makers = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        for output in node.outputs.iter().filter(|name| !name.is_empty()) {
            if makers.insert(*output, index).is_some() {
                return Err(Error::invalid_encoding(format!(
                    "two nodes of the model make `{}`",
                    output.escape_debug()
                )));
            }
        }
    }
    let edges: Vec<Vec<usize>> = nodes
        .iter()
        .map(|node| {
            let reads = node.inputs.iter().chain(&node.captured);
            reads.filter_map(|name| makers.get(name).copied()).collect()
        })
        .collect();
    let order =
        in_order(&edges).ok_or_else(|| Error::invalid_encoding("the model's graph has a cycle"))?;
    // How many nodes read each of them, one after the other.
    let mut lengths = vec![1_usize; nodes.len()];
    for node in order {
        let length = lengths.get(node).map_or(1, |length| length + 1);
        for maker in edges.get(node).into_iter().flatten() {
            if let Some(other) = lengths.get_mut(*maker) {
                *other = length.max(*other);
            }
        }
    }
    Ok(lengths.into_iter().max().unwrap_or(0))
}

/// Refuses functions that call themselves, and those that become too many nodes where they are called.
pub(super) fn check_functions(
    functions: &HashMap<FunctionName<'_>, Calls<'_>>,
    model: &Calls<'_>,
) -> Result<()> {
    let index: HashMap<_, _> = functions.keys().zip(0..).collect();
    let called = |calls: &Calls<'_>| -> Vec<usize> {
        let known = calls.iter().filter_map(|call| index.get(call).copied());
        known.collect()
    };
    let edges: Vec<Vec<usize>> = functions.values().map(called).collect();
    let order = in_order(&edges)
        .ok_or_else(|| Error::invalid_encoding("a function of the model calls itself"))?;
    let own: Vec<usize> = functions.values().map(Vec::len).collect();
    let mut sizes = vec![0_u64; own.len()];
    // Those that are called before those that call.
    for function in order.into_iter().rev() {
        let own = own.get(function).map_or(0, |own| *own as u64);
        let called = edges.get(function).map_or(&[][..], Vec::as_slice);
        let sum = expanded(own, called, &sizes);
        if let Some(size) = sizes.get_mut(function) {
            *size = sum;
        }
    }
    if expanded(model.len() as u64, &called(model), &sizes) > NODES {
        return Err(Error::too_large(
            "the model's functions become too many nodes where they are called",
        ));
    }
    Ok(())
}

/// The nodes of a graph or function with those that it calls put in.
fn expanded(own: u64, called: &[usize], sizes: &[u64]) -> u64 {
    called
        .iter()
        .filter_map(|function| sizes.get(*function))
        .fold(own, |sum, size| sum.saturating_add(*size))
}
