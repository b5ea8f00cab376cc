//! Protocol Buffers' wire format, as much of it as ONNX uses.

use crate::{Error, Result};

/// A field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// A number.
    Varint(u64),
    /// Bytes, text, a message or packed numbers.
    Bytes(&'a [u8]),
    /// Four or eight bytes as they are.
    Fixed,
}

impl<'a> Value<'a> {
    /// What must be a message, text or bytes.
    pub(crate) fn bytes(self) -> Result<&'a [u8]> {
        match self {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(broken()),
        }
    }

    /// What must be text.
    pub(crate) fn text(self) -> Result<&'a str> {
        std::str::from_utf8(self.bytes()?).map_err(|_| broken())
    }

    /// Numbers, packed into bytes or alone.
    pub(crate) fn numbers(self) -> Result<Vec<u64>> {
        match self {
            Value::Varint(number) => Ok(vec![number]),
            Value::Bytes(mut bytes) => {
                let mut numbers = Vec::new();
                while !bytes.is_empty() {
                    numbers.push(varint(&mut bytes)?);
                }
                Ok(numbers)
            }
            Value::Fixed => Err(broken()),
        }
    }
}

/// The fields of a message, in the order in which they stand.
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(crate) fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn field(&mut self) -> Result<(u64, Value<'a>)> {
        let key = varint(&mut self.rest)?;
        let number = key >> 3;
        let value = match key & 7 {
            0 => Value::Varint(varint(&mut self.rest)?),
            1 => self.skip(8)?,
            2 => {
                let length = usize::try_from(varint(&mut self.rest)?).map_err(|_| broken())?;
                let (bytes, rest) = self.rest.split_at_checked(length).ok_or_else(broken)?;
                self.rest = rest;
                Value::Bytes(bytes)
            }
            5 => self.skip(4)?,
            _ => return Err(broken()),
        };
        if number == 0 {
            return Err(broken());
        }
        Ok((number, value))
    }

    fn skip(&mut self, bytes: usize) -> Result<Value<'a>> {
        let (_, rest) = self.rest.split_at_checked(bytes).ok_or_else(broken)?;
        self.rest = rest;
        Ok(Value::Fixed)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>)>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

fn varint(bytes: &mut &[u8]) -> Result<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first().ok_or_else(broken)?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(broken())
}

/// Whatever is wrong with the bytes: there is nothing that a user could do about the byte where it shows.
pub(crate) fn broken() -> Error {
    Error::invalid_encoding("the model is no ONNX file, or it is truncated")
}
