//! Settings as the host checks them.

use super::{HarnessError, KeyEntry};
use crate::abi;

/// Settings that fit the keys.
#[derive(Debug)]
pub(super) struct Checked {
    pairs: Vec<(String, String)>,
}

/// The same for `open`. The pointers are into [`Checked`] and into itself.
pub(super) struct Given {
    pub(super) settings: abi::Settings,
    _pairs: Vec<abi::Setting>,
}

impl Checked {
    /// The form in which `open` gets it, valid as long as both live.
    pub(super) fn as_abi(&self) -> Given {
        let text = |text: &String| abi::Str {
            data: text.as_ptr(),
            len: text.len(),
        };
        let pairs: Vec<abi::Setting> = self
            .pairs
            .iter()
            .map(|(key, value)| abi::Setting {
                key: text(key),
                value: text(value),
            })
            .collect();
        Given {
            settings: abi::Settings {
                size: size_of::<abi::Settings>(),
                settings: pairs.as_ptr(),
                count: pairs.len(),
            },
            _pairs: pairs,
        }
    }
}

/// The values of all keys that have one, in the order of declaration.
pub(super) fn check(keys: &[KeyEntry], given: &[(&str, &str)]) -> Result<Checked, HarnessError> {
    let refuse = |message: String| Err(HarnessError::Setting(message));
    for (name, _) in given {
        if !keys.iter().any(|key| key.name == *name) {
            let known: Vec<&str> = keys.iter().map(|key| key.name.as_str()).collect();
            return refuse(format!(
                "there is no setting `{name}`; there is: {}",
                known.join(", ")
            ));
        }
    }
    let mut pairs = Vec::new();
    for key in keys {
        let value = given
            .iter()
            .rev()
            .find(|(name, _)| *name == key.name)
            .map(|(_, value)| *value)
            .or(key.fallback.as_deref());
        let Some(value) = value else {
            if key.required {
                return refuse(format!("the setting `{}` must be given", key.name));
            }
            continue;
        };
        let wanted = match key.kind {
            abi::INTEGER if value.parse::<i64>().is_err() => "an integer",
            abi::BOOLEAN if value.parse::<bool>().is_err() => "`true` or `false`",
            _ => {
                pairs.push((key.name.clone(), value.to_owned()));
                continue;
            }
        };
        return refuse(format!("the setting `{}` must be {wanted}", key.name));
    }
    Ok(Checked { pairs })
}
