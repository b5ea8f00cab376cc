//! Looks at an ONNX file before an engine does, since engines trust files more than guests deserve.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};

use super::nodes::{
    Calls, FunctionName, Node, check_functions, function_name, longest_chain, plausible,
};
use super::wire::{Fields, Value, broken};
use crate::{Code, Error, Result};

/// Graphs within graphs, as loops and branches have them. Engines call themselves for each.
const DEPTH: usize = 16;

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
    /// The nodes of the longest chain in which each needs the one before.
    pub(crate) longest_chain: usize,
    /// What of it no limit on the memory of tensors bounds: text, which is not kept in them, or an operator that ONNX
    /// does not define.
    pub(crate) unbounded: Option<String>,
}

/// The type of text.
const TEXT: u64 = 8;

/// Checks a model's structure. `folder` is where its external data may lie; `None` allows none.
///
/// # Errors
///
/// `invalid-encoding` if it is no model: truncated, with a cycle, with tensors whose sizes overflow or differ from
/// their data; `too-large` if a few bytes of it become much; `security` if it wants data from elsewhere.
pub(crate) fn inspect(model: &[u8], folder: Option<&Path>) -> Result<Inspection> {
    // ONNX Runtime's own format, which it would read without regard to what is looked at here.
    if model.get(4..8) == Some(b"ORTM") {
        return Err(Error::invalid_encoding(
            "the model is in ONNX Runtime's own format, which is not ONNX",
        ));
    }
    let mut inspector = Inspector {
        folder,
        found: Inspection::default(),
        files: HashSet::new(),
        calls: Vec::new(),
    };
    inspector.model(model)?;
    Ok(inspector.found)
}

struct Inspector<'f, 'm> {
    folder: Option<&'f Path>,
    found: Inspection,
    files: HashSet<PathBuf>,
    /// The operators of the nodes that have been read, of those within nodes as well.
    calls: Calls<'m>,
}

/// What an attribute has that matters for its node.
#[derive(Default)]
struct Attribute<'m> {
    captured: Vec<&'m str>,
    numbers: Vec<u64>,
    /// Its value is what a function is called with.
    is_given: bool,
}

impl<'m> Inspector<'_, 'm> {
    fn model(&mut self, model: &'m [u8]) -> Result<()> {
        let mut version = None;
        let mut graph = None;
        let mut functions: HashMap<FunctionName<'m>, Calls<'m>> = HashMap::new();
        for field in Fields::of(model) {
            match field? {
                (1, Value::Varint(number)) => version = Some(number),
                // Engines put two of them together to one that nobody has looked at.
                (7, _) if graph.is_some() => return Err(broken()),
                (7, value) => graph = Some(value.bytes()?),
                (25, value) => {
                    let name = self.function(value.bytes()?)?;
                    // Functions of one name differ in what they take, and any of them may be meant.
                    let calls = functions.entry(name).or_default();
                    calls.append(&mut self.calls);
                }
                _ => {}
            }
        }
        let (Some(_), Some(graph)) = (version, graph) else {
            return Err(broken());
        };
        self.graph(graph, 0)?;
        check_functions(&functions, &self.calls)?;
        let called = functions.values().flatten().chain(&self.calls);
        let foreign = called
            .filter(|name| !functions.contains_key(*name))
            .find(|(domain, _)| !domain.is_empty());
        if let Some((domain, operator)) = foreign {
            let (domain, operator) = (domain.escape_debug(), operator.escape_debug());
            self.found.unbounded = Some(format!("the operator `{operator}` of `{domain}`"));
        }
        Ok(())
    }

    fn has_text(&mut self) {
        self.found.unbounded = Some("text".to_owned());
    }

    /// What the graph takes of what is around it.
    fn graph(&mut self, graph: &'m [u8], depth: usize) -> Result<Vec<&'m str>> {
        if depth > DEPTH {
            return Err(Error::invalid_encoding(format!(
                "the model's graphs lie in each other more than {DEPTH} deep"
            )));
        }
        let mut nodes = Vec::new();
        let mut constants = HashMap::new();
        let mut own = HashSet::new();
        let mut read = HashSet::new();
        for field in Fields::of(graph) {
            match field? {
                (1, value) => nodes.push(self.node(value.bytes()?, depth)?),
                (5, value) => {
                    let tensor = self.tensor(value.bytes()?)?;
                    own.insert(tensor.name);
                    constants.insert(tensor.name, tensor.numbers);
                }
                (11, value) => {
                    own.insert(value_name(value.bytes()?)?);
                }
                (12, value) => {
                    read.insert(value_name(value.bytes()?)?);
                }
                (15, value) => self.sparse_tensor(value.bytes()?)?,
                _ => {}
            }
        }
        self.nodes(&mut nodes, constants)?;
        for node in &nodes {
            own.extend(&node.outputs);
            read.extend(&node.inputs);
            read.extend(&node.captured);
        }
        Ok(read.difference(&own).copied().collect())
    }

    /// Checks the nodes of a graph or function together.
    fn nodes(
        &mut self,
        nodes: &mut [Node<'m>],
        mut constants: HashMap<&'m str, Vec<u64>>,
    ) -> Result<()> {
        for node in &mut *nodes {
            if let ("Constant", [name]) = (node.operator, node.outputs.as_slice()) {
                constants.insert(*name, std::mem::take(&mut node.numbers));
            }
        }
        for node in &*nodes {
            plausible(node, &constants)?;
        }
        self.found.longest_chain = self.found.longest_chain.max(longest_chain(nodes)?);
        Ok(())
    }

    /// Its name. What it calls is left in `calls`.
    fn function(&mut self, function: &'m [u8]) -> Result<FunctionName<'m>> {
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
        self.nodes(&mut nodes, HashMap::new())?;
        Ok(function_name(domain, name))
    }

    fn node(&mut self, message: &'m [u8], depth: usize) -> Result<Node<'m>> {
        let mut node = Node::default();
        let mut domain = "";
        let mut is_given = false;
        for field in Fields::of(message) {
            match field? {
                (1, value) => node.inputs.push(value.text()?),
                (2, value) => node.outputs.push(value.text()?),
                (4, value) => node.operator = value.text()?,
                (5, value) => {
                    let attribute = self.attribute(value.bytes()?, depth)?;
                    node.captured.extend(attribute.captured);
                    node.numbers.extend(attribute.numbers);
                    is_given |= attribute.is_given;
                }
                (7, value) => domain = value.text()?,
                _ => {}
            }
        }
        if node.operator == "Cast" && (is_given || node.numbers.contains(&TEXT)) {
            self.has_text();
        }
        self.calls.push(function_name(domain, node.operator));
        Ok(node)
    }

    fn attribute(&mut self, message: &'m [u8], depth: usize) -> Result<Attribute<'m>> {
        let mut attribute = Attribute::default();
        let mut seen = HashSet::new();
        for field in Fields::of(message) {
            let field = field?;
            // Of these there is one, and engines put two together.
            if matches!(field.0, 5 | 6 | 22) && !seen.insert(field.0) {
                return Err(broken());
            }
            match field {
                (1, name) if matches!(name.text()?, "value_string" | "value_strings") => {
                    self.has_text();
                }
                (3 | 8, value) => attribute.numbers.extend(short(value)?),
                (5 | 10, value) => {
                    attribute
                        .numbers
                        .extend(self.tensor(value.bytes()?)?.numbers);
                }
                (6 | 11, value) => {
                    let captured = self.graph(value.bytes()?, depth + 1)?;
                    attribute.captured.extend(captured);
                }
                (21, _) => attribute.is_given = true,
                (22 | 23, value) => self.sparse_tensor(value.bytes()?)?,
                _ => {}
            }
        }
        Ok(attribute)
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
                    tensor.numbers.extend(short(value)?);
                }
                (4 | 6 | 10 | 11, _) => tensor.listed = true,
                (8, value) => tensor.name = value.text()?,
                (9, value) => tensor.raw = Some(value.bytes()?),
                (13, value) => tensor.external.push(entry(value.bytes()?)?),
                (14, Value::Varint(location)) => tensor.is_external = location == 1,
                _ => {}
            }
        }
        if tensor.ty == TEXT {
            self.has_text();
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

/// Numbers that may be a shape, which is short; of longer lists, the numbers do not matter here.
fn short(value: Value<'_>) -> Result<Vec<u64>> {
    match value {
        Value::Bytes(list) if list.len() > LIST => Ok(Vec::new()),
        value => value.numbers(),
    }
}

/// The name of an input or output.
fn value_name(message: &[u8]) -> Result<&str> {
    let mut name = "";
    for field in Fields::of(message) {
        if let (1, value) = field? {
            name = value.text()?;
        }
    }
    Ok(name)
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
