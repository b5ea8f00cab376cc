use std::fmt;

use crate::{Error, Result, Tensor, TensorId, TensorType};

/// How many tensors the open side of a model has at most, so that a position cannot ask for memory.
const OPEN: usize = 256;

/// One dimension of what a model takes or gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dimension {
    /// Of this size.
    Fixed(u32),
    /// Of any size; sizes of the same name are equal.
    Free(Option<String>),
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Dimension::Fixed(size) => write!(f, "{size}"),
            Dimension::Free(Some(name)) => f.write_str(name),
            Dimension::Free(None) => f.write_str("?"),
        }
    }
}

/// A tensor that a model takes or gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TensorDescription {
    /// Its name; empty if the model has no names.
    pub name: String,
    /// What its elements are, where the model says so and the specification knows the type.
    pub ty: Option<TensorType>,
    /// Its dimensions, where the model says so.
    pub dimensions: Option<Vec<Dimension>>,
}

impl TensorDescription {
    /// Whether a tensor can be this one.
    ///
    /// # Errors
    ///
    /// Its type, rank or a size differs, or its data does not fit its dimensions.
    pub fn check(&self, tensor: &Tensor) -> Result<()> {
        tensor.check()?;
        let fits_type = self.ty.is_none_or(|ty| ty == tensor.ty);
        let fits_dimensions = self.dimensions.as_ref().is_none_or(|expected| {
            expected.len() == tensor.dimensions.len()
                && expected
                    .iter()
                    .zip(&tensor.dimensions)
                    .all(|(expected, size)| match expected {
                        Dimension::Fixed(expected) => expected == size,
                        Dimension::Free(_) => true,
                    })
        });
        if fits_type && fits_dimensions {
            return Ok(());
        }
        Err(Error::invalid_argument(format!(
            "the model takes {self}, but the tensor is {}{:?}",
            tensor.ty, tensor.dimensions
        )))
    }
}

impl fmt::Display for TensorDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.name.is_empty() {
            write!(f, "`{}`: ", self.name.escape_debug())?;
        }
        f.write_str(self.ty.map_or("any", TensorType::name))?;
        let Some(dimensions) = &self.dimensions else {
            return f.write_str("[…]");
        };
        f.write_str("[")?;
        for (index, dimension) in dimensions.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{dimension}")?;
        }
        f.write_str("]")
    }
}

/// The tensors of one side of a model.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Side {
    /// Those that the model names, in its order.
    pub tensors: Vec<TensorDescription>,
    /// The model does not say how many there are: any number goes by position.
    pub open: bool,
}

impl Side {
    /// Exactly these.
    pub fn of(tensors: Vec<TensorDescription>) -> Self {
        Self {
            tensors,
            open: false,
        }
    }

    /// The position of a tensor.
    ///
    /// # Errors
    ///
    /// There is none of this name or at this position; the message lists those that are there.
    pub fn position(&self, id: &TensorId, what: &'static str) -> Result<usize> {
        let by_index = |index: u32| {
            usize::try_from(index)
                .ok()
                .filter(|index| *index < self.tensors.len() || (self.open && *index < OPEN))
        };
        let found = match id {
            TensorId::Index(index) => by_index(*index),
            TensorId::Name(name) => self
                .tensors
                .iter()
                .position(|tensor| tensor.name == *name)
                .or_else(|| name.parse().ok().and_then(by_index)),
        };
        found.ok_or_else(|| {
            let known: Vec<String> = self.tensors.iter().map(ToString::to_string).collect();
            Error::invalid_argument(format!(
                "the model has no {what} {id}; it has {}",
                known.join(", ")
            ))
        })
    }

    /// The name by which a tensor goes: its own, or its position in digits.
    pub fn name(&self, position: usize) -> String {
        self.tensors
            .get(position)
            .filter(|tensor| !tensor.name.is_empty())
            .map_or_else(|| position.to_string(), |tensor| tensor.name.clone())
    }
}

/// What a model takes and gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signature {
    /// What it takes.
    pub inputs: Side,
    /// What it gives.
    pub outputs: Side,
}
