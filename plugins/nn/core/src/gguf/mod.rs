//! Looks at a GGUF file before llama.cpp does, which ends the process over much of what it does not expect. What is known
//! of that is refused here; a file made with malice may find more.

mod limits;
mod vocabulary;

use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufReader, Read};

use serde_json::Value;

use self::vocabulary::Vocabulary;
use crate::{Error, Result, Source};

const MAGIC: [u8; 4] = *b"GGUF";
/// Keys of the metadata.
const KEYS: u64 = 1 << 16;
/// Tensors of the model.
const TENSORS: u64 = 1 << 20;
/// The longest text, in bytes.
const TEXT: u64 = 16 << 20;
/// The types of texts and lists.
const TEXTS: u32 = 8;
const LIST: u32 = 9;
/// Items of a list of which each stands for a layer, at most.
const LAYERS: u64 = 1 << 12;
const DEFAULT_ALIGNMENT: u64 = 32;

/// What a file says of the model in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gguf {
    /// Numbers and texts by their keys; of lists, how many items they have.
    pub(crate) values: BTreeMap<String, Value>,
    /// Short lists of whole numbers.
    lists: BTreeMap<String, Numbers>,
    vocabulary: Vocabulary,
    /// The whole file, in bytes.
    pub(crate) size: u64,
}

/// What is kept of a list. Negative numbers count as nothing.
#[derive(Debug, Clone, Copy, Default)]
struct Numbers {
    sum: u64,
    largest: u64,
}

/// What a GGUF file says of the model in it, without loading it: numbers and texts by their keys; of lists, how many
/// items they have.
///
/// # Errors
///
/// `invalid-encoding` if it is no GGUF, truncated, or says something impossible.
pub fn gguf_metadata(source: &Source) -> Result<BTreeMap<String, Value>> {
    Gguf::read(source).map(|gguf| gguf.values)
}

impl Gguf {
    /// Reads the beginning of a file and checks that all of its tensors are there.
    ///
    /// # Errors
    ///
    /// `invalid-encoding` if it is no GGUF, truncated, or says something impossible.
    pub(crate) fn read(source: &Source) -> Result<Self> {
        let size = source.size()?;
        match source {
            Source::Bytes(bytes) => Reader::new(bytes.as_ref(), size).gguf(),
            Source::File(path) => {
                let file = std::fs::File::open(path)
                    .map_err(|error| crate::backend::not_read(path, &error))?;
                Reader::new(BufReader::with_capacity(1 << 16, file), size).gguf()
            }
        }
    }

    pub(crate) fn text(&self, key: &str) -> Option<&str> {
        self.values.get(key)?.as_str()
    }

    /// A number of the model's architecture, such as `context_length`.
    pub(crate) fn number(&self, key: &str) -> Option<u64> {
        let architecture = self.text("general.architecture")?;
        let value = self.values.get(&format!("{architecture}.{key}"))?;
        value.as_u64()
    }

    /// Yes or no, of the model's architecture.
    pub(crate) fn flag(&self, key: &str) -> Option<bool> {
        let architecture = self.text("general.architecture")?;
        self.values.get(&format!("{architecture}.{key}"))?.as_bool()
    }

    /// The sum of a list of the model's architecture: some numbers differ from layer to layer.
    pub(crate) fn sum(&self, key: &str) -> Option<u64> {
        self.list(key).map(|numbers| numbers.sum)
    }

    fn list(&self, key: &str) -> Option<Numbers> {
        let architecture = self.text("general.architecture")?;
        self.lists.get(&format!("{architecture}.{key}")).copied()
    }
}

struct Reader<R> {
    from: R,
    at: u64,
    size: u64,
}

impl<R: Read> Reader<R> {
    fn new(from: R, size: u64) -> Self {
        Self { from, at: 0, size }
    }

    fn gguf(mut self) -> Result<Gguf> {
        if self.bytes::<4>()? != MAGIC {
            return Err(Error::invalid_encoding("the model is no GGUF file"));
        }
        let version = self.u32()?;
        if !(2..=3).contains(&version) {
            return Err(broken(&format!("its version {version} is not known")));
        }
        let (tensors, keys) = (self.u64()?, self.u64()?);
        if tensors > TENSORS || keys > KEYS {
            return Err(broken("it has more tensors or keys than any model"));
        }
        let mut gguf = Gguf {
            size: self.size,
            ..Gguf::default()
        };
        for _ in 0..keys {
            let key = self.text()?;
            let ty = self.u32()?;
            let value = match ty {
                LIST => {
                    let (item, count) = self.list()?;
                    if key == vocabulary::KEY && item == TEXTS {
                        gguf.vocabulary = self.vocabulary(count)?;
                    } else if count <= LAYERS && !matches!(item, 6..=8 | 12) {
                        gguf.lists.insert(key.clone(), self.numbers(item, count)?);
                    } else {
                        self.skip_items(item, count)?;
                    }
                    Value::from(count)
                }
                _ => self.value(ty)?,
            };
            if gguf.values.insert(key, value).is_some() {
                return Err(broken("a key is there twice"));
            }
        }
        gguf.plausible()?;
        let alignment = gguf
            .values
            .get("general.alignment")
            .map_or(Some(DEFAULT_ALIGNMENT), Value::as_u64)
            .filter(|alignment| alignment.is_power_of_two() && *alignment <= 1 << 16)
            .ok_or_else(|| broken("its alignment is impossible"))?;
        self.tensors(tensors, alignment)?;
        Ok(gguf)
    }

    fn tensors(&mut self, count: u64, alignment: u64) -> Result<()> {
        let mut names = HashSet::new();
        let mut end = 0_u64;
        for _ in 0..count {
            let name = self.text()?;
            let rank = self.u32()?;
            if rank > 4 {
                return Err(broken("a tensor has more than 4 dimensions"));
            }
            let mut elements = 1_u64;
            let mut first = 1;
            for dimension in 0..rank {
                let size = self.u64()?;
                if dimension == 0 {
                    first = size;
                }
                elements = elements
                    .checked_mul(size)
                    .filter(|elements| *elements > 0 && i64::try_from(*elements).is_ok())
                    .ok_or_else(|| broken("a tensor's size is impossible"))?;
            }
            let ty = self.u32()?;
            let offset = self.u64()?;
            let (block, bytes) = layout(ty).unwrap_or((1, 0));
            if !first.is_multiple_of(block) || !offset.is_multiple_of(alignment) {
                return Err(broken("a tensor's layout is impossible"));
            }
            let last = (elements / block)
                .checked_mul(bytes)
                .and_then(|bytes| offset.checked_add(bytes))
                .ok_or_else(|| broken("a tensor's size is impossible"))?;
            end = end.max(last);
            if !names.insert(name) {
                return Err(broken("a tensor is there twice"));
            }
        }
        let start = self.at.next_multiple_of(alignment);
        match start.checked_add(end) {
            Some(end) if end <= self.size => Ok(()),
            _ => Err(broken("it is truncated")),
        }
    }

    fn value(&mut self, ty: u32) -> Result<Value> {
        Ok(match ty {
            0 => Value::from(u8::from_le_bytes(self.bytes()?)),
            1 => Value::from(i8::from_le_bytes(self.bytes()?)),
            2 => Value::from(u16::from_le_bytes(self.bytes()?)),
            3 => Value::from(i16::from_le_bytes(self.bytes()?)),
            4 => Value::from(self.u32()?),
            5 => Value::from(i32::from_le_bytes(self.bytes()?)),
            6 => Value::from(f32::from_le_bytes(self.bytes()?)),
            7 => Value::from(u8::from_le_bytes(self.bytes()?) != 0),
            8 => Value::from(self.text()?),
            10 => Value::from(self.u64()?),
            11 => Value::from(i64::from_le_bytes(self.bytes()?)),
            12 => Value::from(f64::from_le_bytes(self.bytes()?)),
            _ => return Err(broken("a value has no type")),
        })
    }

    /// The type of a list's items and how many follow.
    fn list(&mut self) -> Result<(u32, u64)> {
        let ty = self.u32()?;
        let count = self.u64()?;
        let least = count.checked_mul(item_size(ty)?).ok_or_else(truncated)?;
        if least > self.size - self.at {
            return Err(truncated());
        }
        Ok((ty, count))
    }

    fn numbers(&mut self, ty: u32, count: u64) -> Result<Numbers> {
        let mut numbers = Numbers::default();
        for _ in 0..count {
            let number = self.value(ty)?.as_u64().unwrap_or(0);
            numbers.sum = numbers.sum.saturating_add(number);
            numbers.largest = numbers.largest.max(number);
        }
        Ok(numbers)
    }

    fn vocabulary(&mut self, count: u64) -> Result<Vocabulary> {
        let mut vocabulary = Vocabulary::default();
        for _ in 0..count {
            vocabulary.add(self.raw_text()?)?;
        }
        Ok(vocabulary)
    }

    fn skip_items(&mut self, ty: u32, count: u64) -> Result<()> {
        if ty != TEXTS {
            return self.skip(count.saturating_mul(item_size(ty)?));
        }
        for _ in 0..count {
            let length = self.u64()?;
            self.skip(length)?;
        }
        Ok(())
    }

    fn text(&mut self) -> Result<String> {
        let bytes = self.raw_text()?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn raw_text(&mut self) -> Result<Vec<u8>> {
        let length = self.u64()?;
        if length > TEXT || length > self.size - self.at {
            return Err(truncated());
        }
        let mut bytes = Vec::new();
        let read = self
            .from
            .by_ref()
            .take(length)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        self.at += length;
        if read as u64 != length {
            return Err(truncated());
        }
        Ok(bytes)
    }

    fn skip(&mut self, length: u64) -> Result<()> {
        if length > self.size - self.at {
            return Err(truncated());
        }
        let skipped =
            io::copy(&mut self.from.by_ref().take(length), &mut io::sink()).map_err(unreadable)?;
        self.at += length;
        if skipped == length {
            Ok(())
        } else {
            Err(truncated())
        }
    }

    fn u32(&mut self) -> Result<u32> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64> {
        self.bytes().map(u64::from_le_bytes)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        if N as u64 > self.size - self.at {
            return Err(truncated());
        }
        self.from.read_exact(&mut bytes).map_err(unreadable)?;
        self.at += N as u64;
        Ok(bytes)
    }
}

/// What an item of a list takes at least, in bytes.
fn item_size(ty: u32) -> Result<u64> {
    Ok(match ty {
        0 | 1 | 7 => 1,
        2 | 3 => 2,
        4..=6 => 4,
        // Of texts, their lengths.
        8 | 10..=12 => 8,
        _ => return Err(broken("a list has no type")),
    })
}

fn unreadable(error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return truncated();
    }
    Error::runtime(format!("the model's file cannot be read: {error}"))
}

fn truncated() -> Error {
    broken("it is truncated")
}

fn broken(why: &str) -> Error {
    Error::invalid_encoding(format!("the model is no sound GGUF file: {why}"))
}

/// Elements and bytes of a block, of the types that are known here.
fn layout(ty: u32) -> Option<(u64, u64)> {
    Some(match ty {
        0 | 26 => (1, 4),
        1 | 25 | 30 => (1, 2),
        2 | 20 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        9 => (32, 36),
        10 => (256, 84),
        11 | 21 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        15 => (256, 292),
        16 | 35 => (256, 66),
        17 => (256, 74),
        18 => (256, 98),
        19 => (256, 50),
        22 => (256, 82),
        23 => (256, 136),
        24 => (1, 1),
        27 | 28 => (1, 8),
        29 => (256, 56),
        34 => (256, 54),
        39 => (32, 17),
        _ => return None,
    })
}
