use std::fmt;

/// A value of any WIT type.
///
/// Values are compared by what they hold; resources by which they are.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Value {
    Bool(bool),
    U8(u8),
    U16(u16),
    U32(u32),
    U64(u64),
    S8(i8),
    S16(i16),
    S32(i32),
    S64(i64),
    F32(f32),
    F64(f64),
    Char(char),
    String(String),
    List(Vec<Value>),
    /// The fields in the order of the WIT.
    Record(Vec<(String, Value)>),
    Tuple(Vec<Value>),
    /// The case, and its payload if it has one.
    Variant(String, Option<Box<Value>>),
    Enum(String),
    /// Those that are set.
    Flags(Vec<String>),
    Option(Option<Box<Value>>),
    /// A side without a type has no payload.
    Result(Result<Option<Box<Value>>, Option<Box<Value>>>),
    Resource(Resource),
}

/// A resource that the plugin made and the instance of the harness holds, as a guest would hold a handle. Where a
/// function takes it as its own, it is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Resource(pub(super) u64);

impl Value {
    /// A list.
    pub fn list<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Self {
        Value::List(items.into_iter().map(Into::into).collect())
    }

    /// A record.
    pub fn record<const N: usize>(fields: [(&str, Value); N]) -> Self {
        Value::Record(
            fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// A tuple.
    pub fn tuple<const N: usize>(fields: [Value; N]) -> Self {
        Value::Tuple(fields.into())
    }

    /// A case with a payload.
    pub fn variant(case: &str, payload: impl Into<Value>) -> Self {
        Value::Variant(case.to_owned(), Some(Box::new(payload.into())))
    }

    /// A case without a payload.
    pub fn case(case: &str) -> Self {
        Value::Variant(case.to_owned(), None)
    }

    /// A case of an enum.
    pub fn enumeration(case: &str) -> Self {
        Value::Enum(case.to_owned())
    }

    /// Flags.
    pub fn flags<const N: usize>(names: [&str; N]) -> Self {
        Value::Flags(names.map(str::to_owned).into())
    }

    /// `some`.
    pub fn some(value: impl Into<Value>) -> Self {
        Value::Option(Some(Box::new(value.into())))
    }

    /// `none`.
    pub fn none() -> Self {
        Value::Option(None)
    }

    /// `ok` with a payload.
    pub fn ok(value: impl Into<Value>) -> Self {
        Value::Result(Ok(Some(Box::new(value.into()))))
    }

    /// `err` with a payload.
    pub fn err(value: impl Into<Value>) -> Self {
        Value::Result(Err(Some(Box::new(value.into()))))
    }

    /// The resource that it is.
    pub fn resource(&self) -> Option<Resource> {
        match self {
            Value::Resource(resource) => Some(*resource),
            _ => None,
        }
    }

    /// The payload of `ok`, `some` or a case, if it is that.
    pub fn payload(&self) -> Option<&Value> {
        match self {
            Value::Option(payload) | Value::Variant(_, payload) => payload.as_deref(),
            Value::Result(Ok(payload)) => payload.as_deref(),
            _ => None,
        }
    }

    /// A field of a record.
    pub fn field(&self, name: &str) -> Option<&Value> {
        match self {
            Value::Record(fields) => fields
                .iter()
                .find(|(field, _)| field == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }
}

macro_rules! from {
    ($($ty:ty => $case:ident,)*) => { $(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Self {
                Value::$case(value)
            }
        }
    )* };
}

from! {
    bool => Bool,
    u8 => U8,
    u16 => U16,
    u32 => U32,
    u64 => U64,
    i8 => S8,
    i16 => S16,
    i32 => S32,
    i64 => S64,
    f32 => F32,
    f64 => F64,
    char => Char,
    String => String,
    Resource => Resource,
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::String(text.to_owned())
    }
}

impl<T: Into<Value> + Clone> From<&[T]> for Value {
    fn from(items: &[T]) -> Self {
        Value::list(items.iter().cloned())
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(items: Vec<T>) -> Self {
        Value::list(items)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        Value::Option(value.map(|value| Box::new(value.into())))
    }
}

/// As people write it: `{name: "Ada", age: some(36)}`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(value) => write!(f, "{value}"),
            Value::U8(value) => write!(f, "{value}"),
            Value::U16(value) => write!(f, "{value}"),
            Value::U32(value) => write!(f, "{value}"),
            Value::U64(value) => write!(f, "{value}"),
            Value::S8(value) => write!(f, "{value}"),
            Value::S16(value) => write!(f, "{value}"),
            Value::S32(value) => write!(f, "{value}"),
            Value::S64(value) => write!(f, "{value}"),
            Value::F32(value) => write!(f, "{value}"),
            Value::F64(value) => write!(f, "{value}"),
            Value::Char(value) => write!(f, "{value:?}"),
            Value::String(value) => write!(f, "{value:?}"),
            Value::List(items) => joined(f, "[", items.iter(), "]"),
            Value::Tuple(fields) => joined(f, "(", fields.iter(), ")"),
            Value::Record(fields) => {
                let fields = fields.iter().map(|(name, value)| Pair(name, value));
                joined(f, "{", fields, "}")
            }
            Value::Flags(names) => joined(f, "{", names.iter(), "}"),
            Value::Enum(case) => f.write_str(case),
            Value::Variant(case, payload) => with_payload(f, case, payload.as_deref()),
            Value::Option(Some(value)) => write!(f, "some({value})"),
            Value::Option(None) => f.write_str("none"),
            Value::Result(Ok(payload)) => with_payload(f, "ok", payload.as_deref()),
            Value::Result(Err(payload)) => with_payload(f, "err", payload.as_deref()),
            Value::Resource(Resource(number)) => write!(f, "<resource {number}>"),
        }
    }
}

struct Pair<'v>(&'v str, &'v Value);

impl fmt::Display for Pair<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0, self.1)
    }
}

fn joined(
    f: &mut fmt::Formatter<'_>,
    open: &str,
    items: impl Iterator<Item = impl fmt::Display>,
    close: &str,
) -> fmt::Result {
    f.write_str(open)?;
    for (place, item) in items.enumerate() {
        if place > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    f.write_str(close)
}

fn with_payload(f: &mut fmt::Formatter<'_>, case: &str, payload: Option<&Value>) -> fmt::Result {
    match payload {
        Some(payload) => write!(f, "{case}({payload})"),
        None => f.write_str(case),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_as_people_write_them() {
        let value = Value::record([
            ("name", "A\"da".into()),
            ("age", Value::some(36_u8)),
            ("tags", Value::list(["a", "b"])),
            ("at", Value::tuple([1.5_f64.into(), 'x'.into()])),
            ("kind", Value::case("circle")),
            ("rights", Value::flags(["read", "write"])),
            ("last", Value::err(-1_i32)),
            ("done", Value::Result(Ok(None))),
        ]);
        assert_eq!(
            value.to_string(),
            "{name: \"A\\\"da\", age: some(36), tags: [\"a\", \"b\"], at: (1.5, 'x'), kind: circle, \
             rights: {read, write}, last: err(-1), done: ok}"
        );
    }
}
