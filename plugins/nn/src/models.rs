//! Models in the setting `nn.models`, one a line.

use std::fmt::Write as _;

use c12_nn_core::{Device, Error, ModelSpec, Result};
use serde_json::Value;

/// The models that a value of the setting `nn.models` names. A list of texts among their options is JSON.
///
/// # Errors
///
/// A line names no model.
pub fn parse(setting: &str) -> Result<Vec<ModelSpec>> {
    setting
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let mut model: ModelSpec = line.parse()?;
            read_lists(&mut model);
            Ok(model)
        })
        .collect()
}

/// An option that is a JSON list of texts is one: lines have no other way to say it.
fn read_lists(model: &mut ModelSpec) {
    let keys: Vec<String> = model.options.keys().map(str::to_owned).collect();
    for key in keys {
        if let Some(Value::String(text)) = model.options.value(&key)
            && text.starts_with('[')
            && let Ok(list) = serde_json::from_str::<Vec<String>>(text)
        {
            model.options.set(key, list);
        }
    }
}

/// The text of an option on a line.
///
/// # Errors
///
/// It is neither a text nor a list of them.
pub(crate) fn text(model: &ModelSpec, key: &str) -> Result<Option<String>> {
    match model.options.value(key) {
        Some(list @ Value::Array(items)) if items.iter().all(Value::is_string) => {
            Ok(Some(list.to_string()))
        }
        _ => model.options.text(key),
    }
}

/// The value of the setting `nn.models` that names these models.
///
/// # Errors
///
/// `invalid-argument` if a model cannot be written on a line: its name is empty or has a `=`, a path is not UTF-8, a
/// name or path has a line break, or there are more than two files.
pub fn setting(models: &[ModelSpec]) -> Result<String> {
    let lines: Vec<String> = models.iter().map(line).collect::<Result<_>>()?;
    Ok(lines.join("\n"))
}

fn line(model: &ModelSpec) -> Result<String> {
    let refuse = |why: &str| {
        let name = model.name.escape_debug();
        Error::invalid_argument(format!("the model `{name}` {why}"))
    };
    let mut paths = Vec::new();
    for file in &model.files {
        paths.push(
            file.to_str()
                .ok_or_else(|| refuse("has a path that is not UTF-8"))?,
        );
    }
    let (path, weights) = match paths.as_slice() {
        [path] => (*path, None),
        [path, weights] => (*path, Some(*weights)),
        _ => return Err(refuse("has neither one nor two files")),
    };
    if model.name.is_empty() || model.name.contains('=') {
        return Err(refuse("needs another name: it is empty or has a `=`"));
    }
    let words = [model.name.as_str(), model.backend.as_str(), path];
    if words.iter().any(|word| word.contains(['\n', '\r'])) {
        return Err(refuse("has a line break in its name or path"));
    }
    let mut options = Vec::new();
    if let Some(weights) = weights {
        options.push(("weights".to_owned(), weights.to_owned()));
    }
    if model.device != Device::default() {
        options.push(("device".to_owned(), model.device.name().to_owned()));
    }
    for key in model.options.keys() {
        if let Some(value) = text(model, key)? {
            options.push((key.to_owned(), value));
        }
    }
    let mut line = format!("{}={}:{}", model.name, model.backend, escaped_path(path));
    for (index, (key, value)) in options.iter().enumerate() {
        let separator = if index == 0 { '?' } else { '&' };
        // Writing to a string cannot fail.
        let _ = write!(line, "{separator}{}={}", escaped(key), escaped(value));
    }
    Ok(line)
}

/// Percent signs mean something only in paths that have `%3F`, for a question mark.
fn escaped_path(path: &str) -> String {
    let marked = path.contains('?') || path.contains("%3F") || path.contains("%3f");
    if marked {
        path.replace('%', "%25").replace('?', "%3F")
    } else {
        path.to_owned()
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '%' | '&' | '=' | '\n' | '\r') {
            let _ = write!(escaped, "%{:02X}", u32::from(letter));
        } else {
            escaped.push(letter);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use c12_nn_core::Options;

    use super::*;

    fn model(name: &str, files: &[&str]) -> ModelSpec {
        ModelSpec {
            name: name.to_owned(),
            backend: "openvino".to_owned(),
            device: Device::Auto,
            files: files.iter().map(PathBuf::from).collect(),
            options: Options::new(),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut odd = model("c", &["a%3F%20b?", "we&ights=1.bin"]);
        odd.device = Device::Cpu;
        odd.options.set("reverse-prompt", "100% & more\n=");
        let mut many = model("e", &["x.gguf"]);
        many.options
            .set("stop", vec!["a".to_owned(), "\"b\",\n".to_owned()]);
        let models = [
            model("a", &["x.onnx"]),
            model("b ", &["100%20?", "w"]),
            model("d", &[" with spaces%20 "]),
            odd,
            many,
        ];
        let text = setting(&models).unwrap();
        assert_eq!(parse(&text).unwrap(), models);
        assert!(parse(" \n\n").unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        for model in [
            model("", &["x"]),
            model("a=b", &["x"]),
            model("a\nb", &["x"]),
            model("a", &["x\ny"]),
            model("a", &[]),
            model("a", &["x", "y", "z"]),
        ] {
            assert!(setting(&[model]).is_err());
        }
    }
}
