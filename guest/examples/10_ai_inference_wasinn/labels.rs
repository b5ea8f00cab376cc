//! The names of classes.

use std::fs;

use c12_wasm::cli::Failure;

/// Names by the number of their class. Without a file, classes have numbers only.
#[derive(Debug, Default)]
pub(crate) struct Labels(Vec<String>);

impl Labels {
    pub(crate) fn read(path: Option<&str>) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let text = fs::read_to_string(path)
            .map_err(|cause| Failure::path("cannot read the labels", path, &cause))?;
        Self::parse(&text)
            .map_err(|cause| Failure::failed(format!("{path} is no list of labels: {cause}")))
    }

    fn parse(text: &str) -> Result<Self, serde_json::Error> {
        if text.trim_start().starts_with('[') {
            return serde_json::from_str(text).map(Self);
        }
        let lines = text.lines().map(|line| line.trim().to_owned());
        Ok(Self(lines.collect()))
    }

    pub(crate) fn name(&self, class: usize) -> String {
        let name = self.0.get(class).filter(|name| !name.is_empty());
        name.cloned().unwrap_or_else(|| format!("class {class}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_a_list_or_lines() {
        for text in [r#" ["tench", "goldfish"]"#, "tench\ngoldfish\n"] {
            let labels = Labels::parse(text).unwrap();
            assert_eq!(labels.name(1), "goldfish");
            assert_eq!(labels.name(2), "class 2");
        }
        assert!(Labels::parse("[1, 2]").is_err());
    }
}
