//! Whether numbers in the inputs say how large a tensor becomes, and whether there are loops.
//!
//! ONNX Runtime refuses what does not fit into memory. The engine in Rust cannot: where memory is refused to it, the
//! whole process ends. So it gets no model in which a number that a guest passes is a size. What a model asks for by
//! itself, or makes of large inputs, is not bounded by this, which is why guests hand over none to it unless they are
//! trusted.

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

/// Operators that repeat a graph, as often as the model likes.
const REPEATING: [&str; 2] = ["Loop", "Scan"];

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
    Ok(graph_of(model)?.and_then(|graph| graph.sized(None)))
}

/// The operator that repeats a graph, if there is one. The model has been looked at as above.
pub(super) fn repeating(model: &[u8]) -> Result<Option<&str>> {
    Ok(graph_of(model)?.and_then(|graph| graph.repeating()))
}

fn graph_of(model: &[u8]) -> Result<Option<Graph<'_>>> {
    for field in Fields::of(model) {
        if let (7, graph) = field? {
            return Graph::read(graph.bytes()?).map(Some);
        }
    }
    Ok(None)
}

/// The values of a graph that inputs have a part in, and the graph around it.
struct Scope<'s, 'a> {
    given: HashSet<&'a str>,
    around: Option<&'s Scope<'s, 'a>>,
}

impl Scope<'_, '_> {
    fn contains(&self, name: &str) -> bool {
        self.given.contains(name) || self.around.is_some_and(|around| around.contains(name))
    }
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

    fn sized(&self, around: Option<&Scope<'_, 'a>>) -> Option<&'a str> {
        let scope = self.scope(around);
        self.nodes.iter().find_map(|node| {
            let positions = SIZED.iter().find(|(name, _)| *name == node.operator);
            let is_sized = positions.is_some_and(|(_, positions)| {
                let mut sizes = positions.iter().filter_map(|at| node.inputs.get(*at));
                sizes.any(|name| scope.contains(name))
            });
            if is_sized {
                return Some(node.operator);
            }
            let mut graphs = node.graphs.iter();
            graphs.find_map(|graph| graph.sized(Some(&scope)))
        })
    }

    fn repeating(&self) -> Option<&'a str> {
        self.nodes.iter().find_map(|node| {
            if REPEATING.contains(&node.operator) {
                return Some(node.operator);
            }
            node.graphs.iter().find_map(Graph::repeating)
        })
    }

    /// The values that inputs have a part in, other than by their sizes.
    fn scope<'s>(&self, around: Option<&'s Scope<'s, 'a>>) -> Scope<'s, 'a> {
        let inputs = self.inputs.iter();
        let mut given: HashSet<&'a str> = inputs
            .filter(|name| !self.constants.contains(*name))
            .copied()
            .collect();
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
        if let Some(around) = around {
            pending.extend(readers.keys().filter(|name| around.contains(name)));
        }
        while let Some(name) = pending.pop() {
            // Each name is looked up once.
            for node in readers.remove(name).unwrap_or_default() {
                let outputs = node.outputs.iter().copied();
                pending.extend(outputs.filter(|output| given.insert(*output)));
            }
        }
        Scope { given, around }
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
