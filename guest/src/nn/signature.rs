//! What models take and give.

use std::fmt;

use super::TensorType;

/// What a model takes and gives, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Signature {
    /// What it takes.
    pub inputs: Vec<Description>,
    /// Whether more inputs than those go by position: the model does not say how many there are.
    pub open_inputs: bool,
    /// What it gives.
    pub outputs: Vec<Description>,
    /// The same for outputs.
    pub open_outputs: bool,
}

/// A tensor that a model takes or gives.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description {
    /// Empty if the model has no names.
    pub name: String,
    /// None if the model does not say, or if `wasi:nn` has no such type.
    pub ty: Option<TensorType>,
    /// None if the model does not say.
    pub dimensions: Option<Vec<Dimension>>,
}

/// A dimension of what a model takes or gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dimension {
    /// Of this size.
    Fixed(u32),
    /// Of any size. Dimensions of the same name have the same size.
    Free(Option<String>),
}

impl Dimension {
    /// Its size, if that is always the same.
    pub fn size(&self) -> Option<u32> {
        match self {
            Self::Fixed(size) => Some(*size),
            Self::Free(_) => None,
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(size) => write!(f, "{size}"),
            Self::Free(name) => f.write_str(name.as_deref().unwrap_or("?")),
        }
    }
}

impl fmt::Display for Description {
    /// As in `image: f32[batch, 3, 224, 224]`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.name.is_empty() {
            write!(f, "{}: ", self.name)?;
        }
        f.write_str(self.ty.map_or("?", TensorType::name))?;
        if let Some(dimensions) = &self.dimensions {
            let sizes: Vec<String> = dimensions.iter().map(Dimension::to_string).collect();
            write!(f, "[{}]", sizes.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_read_like_types() {
        let mut description = Description {
            name: "image".to_owned(),
            ty: Some(TensorType::F32),
            dimensions: Some(vec![
                Dimension::Free(Some("batch".to_owned())),
                Dimension::Fixed(3),
                Dimension::Free(None),
            ]),
        };
        assert_eq!(description.to_string(), "image: f32[batch, 3, ?]");
        description.name.clear();
        description.ty = None;
        description.dimensions = None;
        assert_eq!(description.to_string(), "?");
    }
}
