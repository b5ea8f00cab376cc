//! Looks at an ONNX file before an engine does, since engines trust files more than guests deserve.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use super::wire::{Fields, Value, broken};
use crate::order::has_cycle;
use crate::{Code, Error, Result};

/// Graphs within graphs, as loops and branches have them. Engines call themselves for each.
const DEPTH: usize = 16;

/// What a single tensor may take that a model asks for with a few bytes.
const TENSOR: u64 = 1 << 31;

/// Dimensions of a tensor.
const RANK: usize = 64;

/// The bytes of a list that may be a shape.
const LIST: usize = 512;

/// What a file is about.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Inspection {
    /// Files beside the model with weights of it.
    pub(crate) external: Vec<PathBuf>,
    /// How many bytes they have together.
    pub(crate) external_bytes: u64,
}

/// Checks a model's structure. `folder` is where its external data may lie; `None` allows none.
///
/// # Errors
///
/// `invalid-encoding` if it is no model: truncated, with a cycle, with tensors whose sizes overflow or differ from
/// their data; `security` if it wants data from elsewhere.
pub(crate) fn inspect(model: &[u8], folder: Option<&Path>) -> Result<Inspection> {
    let mut inspector = Inspector {
        folder,
        found: Inspection::default(),
        files: HashSet::new(),
    };
    inspector.model(model)?;
    Ok(inspector.found)
}

struct Inspector<'a> {
    folder: Option<&'a Path>,
    found: Inspection,
    files: HashSet<PathBuf>,
}

/// A node: what it calls, takes and gives.
#[derive(Default)]
struct Node<'a> {
    operator: &'a str,
    domain: &'a str,
    inputs: Vec<&'a str>,
    outputs: Vec<&'a str>,
}

/// The operators that a function calls, by domain and name.
type Calls<'a> = Vec<(&'a str, &'a str)>;

impl Inspector<'_> {
    fn model(&mut self, model: &[u8]) -> Result<()> {
        let mut version = None;
        let mut graph = None;
        let mut functions = HashMap::new();
        for field in Fields::of(model) {
            match field? {
                (1, Value::Varint(number)) => version = Some(number),
                // Engines put two of them together to one that nobody has looked at.
                (7, _) if graph.is_some() => return Err(broken()),
                (7, value) => graph = Some(value.bytes()?),
                (25, value) => {
                    let (name, calls) = self.function(value.bytes()?)?;
                    functions.insert(name, calls);
                }
                _ => {}
            }
        }
        let (Some(_), Some(graph)) = (version, graph) else {
            return Err(broken());
        };
        acyclic_functions(&functions)?;
        self.graph(graph, 0)
    }

    fn graph(&mut self, graph: &[u8], depth: usize) -> Result<()> {
        if depth > DEPTH {
            return Err(Error::invalid_encoding(format!(
                "the model's graphs lie in each other more than {DEPTH} deep"
            )));
        }
        let mut nodes = Vec::new();
        let mut constants = HashMap::new();
        for field in Fields::of(graph) {
            match field? {
                (1, value) => nodes.push(self.node(value.bytes()?, depth)?),
                (5, value) => {
                    let tensor = self.tensor(value.bytes()?)?;
                    constants.insert(tensor.name, tensor.numbers);
                }
                (15, value) => self.sparse_tensor(value.bytes()?)?,
                _ => {}
            }
        }
        for node in &nodes {
            plausible(node, &constants)?;
        }
        acyclic(&nodes)
    }

    fn function<'b>(&mut self, function: &'b [u8]) -> Result<((&'b str, &'b str), Calls<'b>)> {
        let (mut name, mut domain) = ("", "");
        let mut nodes = Vec::new();
        for field in Fields::of(function) {
            match field? {
                (1, value) => name = value.text()?,
                (7, value) => nodes.push(self.node(value.bytes()?, 1)?),
                (10, value) => domain = value.text()?,
                _ => {}
            }
        }
        acyclic(&nodes)?;
        let calls = nodes
            .iter()
            .map(|node| (node.domain, node.operator))
            .collect();
        Ok(((domain, name), calls))
    }

    fn node<'b>(&mut self, message: &'b [u8], depth: usize) -> Result<Node<'b>> {
        let mut node = Node::default();
        for field in Fields::of(message) {
            match field? {
                (1, value) => node.inputs.push(value.text()?),
                (2, value) => node.outputs.push(value.text()?),
                (4, value) => node.operator = value.text()?,
                (5, value) => self.attribute(value.bytes()?, depth)?,
                (7, value) => node.domain = value.text()?,
                _ => {}
            }
        }
        Ok(node)
    }

    fn attribute(&mut self, attribute: &[u8], depth: usize) -> Result<()> {
        let mut seen = HashSet::new();
        for field in Fields::of(attribute) {
            let field = field?;
            // Of these there is one, and engines put two together.
            if matches!(field.0, 5 | 6 | 22) && !seen.insert(field.0) {
                return Err(broken());
            }
            match field {
                (5 | 10, value) => {
                    self.tensor(value.bytes()?)?;
                }
                (6 | 11, value) => self.graph(value.bytes()?, depth + 1)?,
                (22 | 23, value) => self.sparse_tensor(value.bytes()?)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn sparse_tensor(&mut self, sparse: &[u8]) -> Result<()> {
        let mut dimensions = Vec::new();
        let mut seen = HashSet::new();
        for field in Fields::of(sparse) {
            let field = field?;
            if matches!(field.0, 1 | 2) && !seen.insert(field.0) {
                return Err(broken());
            }
            match field {
                (1 | 2, value) => {
                    self.tensor(value.bytes()?)?;
                }
                (3, value) => dimensions.extend(value.numbers()?),
                _ => {}
            }
        }
        // Engines make it dense.
        size(&dimensions, 8).map(|_| ())
    }

    fn tensor<'b>(&mut self, message: &'b [u8]) -> Result<Constant<'b>> {
        let mut tensor = TensorProto::default();
        for field in Fields::of(message) {
            match field? {
                (1, value) => {
                    tensor.dimensions.extend(value.numbers()?);
                    if tensor.dimensions.len() > RANK {
                        return Err(broken());
                    }
                }
                (2, Value::Varint(ty)) => tensor.ty = ty,
                (5 | 7, value) => {
                    tensor.listed = true;
                    // Shapes are short; of the others, the numbers do not matter here.
                    if !matches!(value, Value::Bytes(list) if list.len() > LIST) {
                        tensor.numbers.extend(value.numbers()?);
                    }
                }
                (4 | 6 | 10 | 11, _) => tensor.listed = true,
                (8, value) => tensor.name = value.text()?,
                (9, value) => tensor.raw = Some(value.bytes()?),
                (13, value) => tensor.external.push(entry(value.bytes()?)?),
                (14, Value::Varint(location)) => tensor.is_external = location == 1,
                _ => {}
            }
        }
        if tensor.is_external || !tensor.external.is_empty() {
            self.external(&tensor)?;
        } else {
            tensor.check()?;
        }
        Ok(tensor.constant())
    }

    /// Data in a file of its own, which must lie within the model's folder.
    fn external(&mut self, tensor: &TensorProto<'_>) -> Result<()> {
        let value = |key: &str| {
            tensor
                .external
                .iter()
                .find(|(other, _)| *other == key)
                .map(|(_, value)| *value)
        };
        let location = value("location").ok_or_else(broken)?;
        let number = |key: &str| match value(key) {
            None => Ok(None),
            Some(text) => text.parse::<u64>().map(Some).map_err(|_| broken()),
        };
        let (offset, length) = (number("offset")?.unwrap_or(0), number("length")?);
        let expected = size(&tensor.dimensions, element_size(tensor.ty).unwrap_or(1))?;
        if length.is_some_and(|length| length < expected) {
            return Err(overflow(&tensor.dimensions));
        }
        let path = self.within_folder(location)?;
        let found = std::fs::metadata(&path)
            .map_err(|error| crate::backend::not_read(&path, &error))?
            .len();
        let end = offset.checked_add(length.unwrap_or(expected));
        if end.is_none_or(|end| end > found) {
            return Err(Error::invalid_encoding(
                "the model's external data is truncated",
            ));
        }
        if self.files.insert(path.clone()) {
            self.found.external.push(path);
            self.found.external_bytes = self.found.external_bytes.saturating_add(found);
        }
        Ok(())
    }

    fn within_folder(&self, location: &str) -> Result<PathBuf> {
        let refused = |why: &str| {
            Error::new(
                Code::Security,
                format!(
                    "the model wants data from `{}`, {why}",
                    location.escape_debug()
                ),
            )
        };
        let folder = self
            .folder
            .ok_or_else(|| refused("but a model that a guest hands over has no folder"))?;
        let path = Path::new(location);
        let plain = path
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !plain || location.is_empty() {
            return Err(refused("which is outside of its folder"));
        }
        let full = folder.join(path);
        // Links are followed here, as they will be when the file is opened.
        let resolved = full
            .canonicalize()
            .map_err(|error| crate::backend::not_read(&full, &error))?;
        let root = folder
            .canonicalize()
            .map_err(|error| crate::backend::not_read(folder, &error))?;
        if !resolved.starts_with(root) {
            return Err(refused("which is outside of its folder"));
        }
        Ok(resolved)
    }
}

/// A tensor as it is read.
#[derive(Default)]
struct TensorProto<'a> {
    name: &'a str,
    dimensions: Vec<u64>,
    ty: u64,
    raw: Option<&'a [u8]>,
    /// Its numbers stand in a list of their type.
    listed: bool,
    numbers: Vec<u64>,
    external: Vec<(&'a str, &'a str)>,
    is_external: bool,
}

/// A tensor whose numbers may be a shape.
struct Constant<'a> {
    name: &'a str,
    numbers: Vec<u64>,
}

impl<'a> TensorProto<'a> {
    fn check(&self) -> Result<()> {
        let Some(bits) = element_size(self.ty) else {
            // Text, or a type of tomorrow: its number of elements must still be one.
            return size(&self.dimensions, 1).map(|_| ());
        };
        let expected = size(&self.dimensions, bits)?;
        match self.raw {
            Some(raw) if raw.len() as u64 != expected => Err(overflow(&self.dimensions)),
            None if !self.listed && expected > 0 => Err(overflow(&self.dimensions)),
            _ => Ok(()),
        }
    }

    fn constant(self) -> Constant<'a> {
        let numbers = match self.raw {
            // Shapes are 64-bit integers, and few.
            Some(raw) if self.ty == 7 && raw.len() <= LIST => raw
                .chunks_exact(8)
                .filter_map(|bytes| bytes.try_into().ok().map(u64::from_le_bytes))
                .collect(),
            _ => self.numbers,
        };
        Constant {
            name: self.name,
            numbers,
        }
    }
}

fn entry(message: &[u8]) -> Result<(&str, &str)> {
    let (mut key, mut value) = ("", "");
    for field in Fields::of(message) {
        match field? {
            (1, text) => key = text.text()?,
            (2, text) => value = text.text()?,
            _ => {}
        }
    }
    Ok((key, value))
}

/// The size of an element in bytes, for types whose elements are whole bytes.
fn element_size(ty: u64) -> Option<u64> {
    match ty {
        2 | 3 | 9 | 17..=20 => Some(1),
        4 | 5 | 10 | 16 => Some(2),
        1 | 6 | 12 => Some(4),
        7 | 11 | 13 | 14 => Some(8),
        15 => Some(16),
        _ => None,
    }
}

fn size(dimensions: &[u64], element: u64) -> Result<u64> {
    dimensions
        .iter()
        .try_fold(element, |product, size| product.checked_mul(*size))
        .filter(|bytes| i64::try_from(*bytes).is_ok())
        .ok_or_else(|| overflow(dimensions))
}

fn overflow(dimensions: &[u64]) -> Error {
    Error::invalid_encoding(format!(
        "a tensor of the model has the dimensions {dimensions:?}, but not the data for them"
    ))
}

/// Refuses what takes gigabytes with a few bytes in the file.
fn plausible(node: &Node<'_>, constants: &HashMap<&str, Vec<u64>>) -> Result<()> {
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
        .try_fold(1_u64, |product, size| product.checked_mul(*size));
    match bytes {
        Some(bytes) if bytes <= TENSOR => Ok(()),
        _ => Err(Error::too_large(format!(
            "the model makes a tensor of the dimensions {shape:?}"
        ))),
    }
}

/// Refuses graphs in which a value depends on itself.
fn acyclic(nodes: &[Node<'_>]) -> Result<()> {
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
            node.inputs
                .iter()
                .filter_map(|name| makers.get(name).copied())
                .collect()
        })
        .collect();
    if has_cycle(&edges) {
        return Err(Error::invalid_encoding("the model's graph has a cycle"));
    }
    Ok(())
}

fn acyclic_functions(functions: &HashMap<(&str, &str), Calls<'_>>) -> Result<()> {
    let index: HashMap<_, _> = functions.keys().zip(0..).collect();
    let edges: Vec<Vec<usize>> = functions
        .values()
        .map(|calls| {
            calls
                .iter()
                .filter_map(|call| index.get(call).copied())
                .collect()
        })
        .collect();
    if has_cycle(&edges) {
        return Err(Error::invalid_encoding(
            "a function of the model calls itself",
        ));
    }
    Ok(())
}
