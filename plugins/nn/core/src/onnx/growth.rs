//! Whether numbers in the inputs say how large a tensor becomes.
//!
//! ONNX Runtime refuses what does not fit into memory. The engine in Rust cannot: where memory is refused to it, the
//! whole process ends. So it gets no model in which a number that a guest passes is a size.

use std::collections::{HashMap, HashSet};

use super::wire::Fields;
use crate::Result;

/// Operators whose outputs are as large as some of their inputs say, with the positions of those.
const SIZED: [(&str, &[usize]); 18] = [
    ("AffineGrid", &[1]),
    ("BlackmanWindow", &[0]),
    ("CenterCropPad", &[1]),
    ("Col2Im", &[1]),
    ("ConstantOfShape", &[0]),
    ("DFT", &[1]),
    ("Expand", &[1]),
    ("HammingWindow", &[0]),
    ("HannWindow", &[0]),
    // What it makes at each turn is put together.
    ("Loop", &[0]),
    ("MaxUnpool", &[2]),
    ("MelWeightMatrix", &[0, 1]),
    ("OneHot", &[1]),
    ("Pad", &[1]),
    ("Range", &[0, 1, 2]),
    ("Resize", &[1, 2, 3]),
    ("Tile", &[1]),
    ("Upsample", &[1]),
];

#[derive(Default)]
struct Graph<'a> {
    inputs: Vec<&'a str>,
    constants: HashSet<&'a str>,
    nodes: Vec<Node<'a>>,
}

#[derive(Default)]
struct Node<'a> {
    operator: &'a str,
    inputs: Vec<&'a str>,
    outputs: Vec<&'a str>,
    graphs: Vec<Graph<'a>>,
}

/// The operator that makes a tensor as large as an input says, if there is one. The model has been looked at, so graphs
/// do not lie in each other too deep.
pub(super) fn sized_by_inputs(model: &[u8]) -> Result<Option<&str>> {
    for field in Fields::of(model) {
        if let (7, graph) = field? {
            let graph = Graph::read(graph.bytes()?)?;
            if let Some(operator) = graph.sized(&HashSet::new()) {
                return Ok(Some(operator));
            }
        }
    }
    Ok(None)
}

impl<'a> Graph<'a> {
    fn read(message: &'a [u8]) -> Result<Self> {
        let mut graph = Self::default();
        for field in Fields::of(message) {
            match field? {
                (1, node) => graph.nodes.push(Node::read(node.bytes()?)?),
                (5, tensor) => {
                    graph.constants.insert(text(tensor.bytes()?, 8)?);
                }
                (11, input) => graph.inputs.push(text(input.bytes()?, 1)?),
                _ => {}
            }
        }
        Ok(graph)
    }

    fn sized(&self, outside: &HashSet<&'a str>) -> Option<&'a str> {
        let given = self.given(outside);
        self.nodes.iter().find_map(|node| {
            let positions = SIZED.iter().find(|(name, _)| *name == node.operator);
            let is_sized = positions.is_some_and(|(_, positions)| {
                let mut sizes = positions.iter().filter_map(|at| node.inputs.get(*at));
                sizes.any(|name| given.contains(name))
            });
            if is_sized {
                return Some(node.operator);
            }
            node.graphs.iter().find_map(|graph| graph.sized(&given))
        })
    }

    /// The values that inputs have a part in, other than by their sizes.
    fn given(&self, outside: &HashSet<&'a str>) -> HashSet<&'a str> {
        let mut given = outside.clone();
        let inputs = self.inputs.iter();
        given.extend(inputs.filter(|name| !self.constants.contains(*name)));
        let mut readers: HashMap<&str, Vec<&Node<'a>>> = HashMap::new();
        for node in &self.nodes {
            // The sizes of what is there are no larger than what is there.
            if !matches!(node.operator, "Shape" | "Size") {
                for name in node.reads() {
                    readers.entry(name).or_default().push(node);
                }
            }
        }
        let mut pending: Vec<&str> = given.iter().copied().collect();
        while let Some(name) = pending.pop() {
            // Each name is looked up once.
            for node in readers.remove(name).unwrap_or_default() {
                let outputs = node.outputs.iter().copied();
                pending.extend(outputs.filter(|output| given.insert(*output)));
            }
        }
        given
    }

    /// All that its nodes read, of itself or of the graphs around it.
    fn reads(&self) -> Vec<&'a str> {
        self.nodes.iter().flat_map(Node::reads).collect()
    }
}

impl<'a> Node<'a> {
    fn read(message: &'a [u8]) -> Result<Self> {
        let mut node = Self::default();
        for field in Fields::of(message) {
            match field? {
                (1, value) => node.inputs.push(value.text()?),
                (2, value) => node.outputs.push(value.text()?),
                (4, value) => node.operator = value.text()?,
                (5, attribute) => {
                    for field in Fields::of(attribute.bytes()?) {
                        if let (6 | 11, graph) = field? {
                            node.graphs.push(Graph::read(graph.bytes()?)?);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(node)
    }

    fn reads(&self) -> Vec<&'a str> {
        let inner = self.graphs.iter().flat_map(Graph::reads);
        self.inputs.iter().copied().chain(inner).collect()
    }
}

/// A field of text of a message; empty if there is none.
fn text(message: &[u8], number: u64) -> Result<&str> {
    let mut found = "";
    for field in Fields::of(message) {
        match field? {
            (other, value) if other == number => found = value.text()?,
            _ => {}
        }
    }
    Ok(found)
}
