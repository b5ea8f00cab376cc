use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

/// An amount of bytes: `64MiB`, `1GB`, `4096`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub(crate) struct Size(pub(crate) u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        text.parse::<bytesize::ByteSize>()
            .map(|size| Size(size.as_u64()))
            .map_err(|_| "write an amount of bytes such as 64MiB, 1GB or 4096".to_owned())
    }
}

impl Size {
    pub(crate) fn bytes(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// A length of time: `500ms`, `5s`, `2m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Time(pub(crate) Duration);

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match humantime::parse_duration(text) {
            Ok(time) if time.is_zero() => Err("a time limit of zero lets nothing run".to_owned()),
            Ok(time) => Ok(Time(time)),
            Err(_) => Err("write a length of time such as 500ms, 5s or 2m".to_owned()),
        }
    }
}

impl TryFrom<String> for Time {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

/// In a configuration file a size is text or a number.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(u64),
    Text(String),
}

impl TryFrom<Written> for Size {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Number(bytes) => Ok(Size(bytes)),
            Written::Text(text) => text.parse(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!("64MiB".parse(), Ok(Size(64 << 20)));
        assert_eq!("1GB".parse(), Ok(Size(1_000_000_000)));
        assert_eq!("4096".parse(), Ok(Size(4096)));
        for nonsense in ["", "many", "-1", "5 apples"] {
            assert!(nonsense.parse::<Size>().is_err(), "{nonsense:?}");
        }
    }

    #[test]
    fn times_need_a_unit() {
        assert_eq!("500ms".parse(), Ok(Time(Duration::from_millis(500))));
        assert_eq!("2m".parse(), Ok(Time(Duration::from_secs(120))));
        for nonsense in ["", "5", "soon", "-1s", "0s"] {
            assert!(nonsense.parse::<Time>().is_err(), "{nonsense:?}");
        }
    }
}
