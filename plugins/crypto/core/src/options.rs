//! Sets of options (specification, "Options").

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::{AlgorithmType, Errno, Result};

/// What kind of value an option has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Bytes,
    Number,
    /// Memory of the guest; only how much it is counts.
    Buffer,
}

/// A value that was set.
#[derive(Clone)]
enum Value {
    Bytes(Zeroizing<Vec<u8>>),
    Number(u64),
    Buffer(usize),
}

/// The option of everything that is squeezed. Components need it: their function has no length.
pub(crate) const OUTPUT_LEN: &str = "output_len";

/// Every option, in lower case, with the categories that have it and its form.
const KNOWN: &[(&str, &[AlgorithmType], Form)] = &[
    ("context", &[AlgorithmType::Symmetric], Form::Bytes),
    ("salt", &[AlgorithmType::Symmetric], Form::Bytes),
    ("nonce", &[AlgorithmType::Symmetric], Form::Bytes),
    ("memory_limit", &[AlgorithmType::Symmetric], Form::Number),
    ("ops_limit", &[AlgorithmType::Symmetric], Form::Number),
    // The specification's examples spell it so.
    ("opslimit", &[AlgorithmType::Symmetric], Form::Number),
    ("parallelism", &[AlgorithmType::Symmetric], Form::Number),
    // scrypt's `r`.
    ("block_size", &[AlgorithmType::Symmetric], Form::Number),
    // How many bytes are squeezed by a function that has no parameter for it.
    (OUTPUT_LEN, &[AlgorithmType::Symmetric], Form::Number),
    ("buffer", &[AlgorithmType::Symmetric], Form::Buffer),
    ("memory", &[AlgorithmType::Symmetric], Form::Buffer),
    // Until when a stored key is valid, as a UNIX timestamp in seconds.
    (
        "expiration",
        &[
            AlgorithmType::Symmetric,
            AlgorithmType::Signatures,
            AlgorithmType::KeyExchange,
        ],
        Form::Number,
    ),
];

/// The name of an option as this crate spells it, whatever its case.
pub(crate) fn canonical(name: &str) -> Option<&'static str> {
    KNOWN
        .iter()
        .map(|(known, ..)| *known)
        .find(|known| known.eq_ignore_ascii_case(name))
}

/// A set of options, for one category of algorithms.
#[derive(Clone)]
pub struct Options {
    algorithm_type: AlgorithmType,
    // What is made with options keeps them, and changes to them come rarely: clones share the values.
    values: Arc<Vec<(&'static str, Value)>>,
}

// Values may be secret, and names say enough.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

impl Options {
    /// Bytes of an option beside its value.
    pub(crate) const ENTRY: usize = size_of::<(&str, Value)>();

    /// An empty set.
    #[must_use]
    pub fn new(algorithm_type: AlgorithmType) -> Self {
        Self {
            algorithm_type,
            values: Arc::default(),
        }
    }

    /// The category.
    #[must_use]
    pub fn algorithm_type(&self) -> AlgorithmType {
        self.algorithm_type
    }

    /// Sets bytes.
    ///
    /// # Errors
    /// [`Errno::UnsupportedOption`] when no algorithm of the category has such an option.
    pub fn set(&mut self, name: &str, value: &[u8]) -> Result<()> {
        let name = self.known(name, Form::Bytes)?;
        self.insert(name, Value::Bytes(Zeroizing::new(value.to_vec())));
        Ok(())
    }

    /// Sets a number.
    ///
    /// # Errors
    /// As [`Options::set`].
    pub fn set_u64(&mut self, name: &str, value: u64) -> Result<()> {
        let name = self.known(name, Form::Number)?;
        self.insert(name, Value::Number(value));
        Ok(())
    }

    /// Sets how many bytes of its memory the guest gives.
    ///
    /// # Errors
    /// As [`Options::set`].
    pub fn set_guest_buffer(&mut self, name: &str, buffer_len: usize) -> Result<()> {
        let name = self.known(name, Form::Buffer)?;
        self.insert(name, Value::Buffer(buffer_len));
        Ok(())
    }

    /// Bytes that were set.
    ///
    /// # Errors
    /// [`Errno::OptionNotSet`] when they were not.
    pub fn get(&self, name: &str) -> Result<&[u8]> {
        match self.value(name) {
            Some(Value::Bytes(bytes)) => Ok(bytes),
            _ => Err(Errno::OptionNotSet),
        }
    }

    /// A number that was set.
    ///
    /// # Errors
    /// [`Errno::OptionNotSet`] when it was not.
    pub fn get_u64(&self, name: &str) -> Result<u64> {
        match self.value(name) {
            Some(Value::Number(number)) => Ok(*number),
            _ => Err(Errno::OptionNotSet),
        }
    }

    /// How many bytes of its memory the guest gives.
    ///
    /// # Errors
    /// [`Errno::OptionNotSet`] when it gives none.
    pub fn guest_buffer_len(&self, name: &str) -> Result<usize> {
        match self.value(name) {
            Some(Value::Buffer(len)) => Ok(*len),
            _ => Err(Errno::OptionNotSet),
        }
    }

    /// Names of all options that were set.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.values.iter().map(|(name, _)| *name)
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> usize {
        let values = self.values.iter().map(|(_, value)| match value {
            Value::Bytes(bytes) => bytes.len(),
            Value::Number(_) | Value::Buffer(_) => 0,
        });
        size_of::<Self>() + values.map(|len| Self::ENTRY + len).sum::<usize>()
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.values
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value)
    }

    fn insert(&mut self, name: &'static str, value: Value) {
        let values = Arc::make_mut(&mut self.values);
        match values.iter_mut().find(|(known, _)| *known == name) {
            Some((_, old)) => *old = value,
            None => values.push((name, value)),
        }
    }

    fn known(&self, name: &str, form: Form) -> Result<&'static str> {
        KNOWN
            .iter()
            .find(|(known, types, known_form)| {
                *known_form == form
                    && types.contains(&self.algorithm_type)
                    && known.eq_ignore_ascii_case(name)
            })
            .map(|(known, ..)| *known)
            .ok_or(Errno::UnsupportedOption)
    }
}
