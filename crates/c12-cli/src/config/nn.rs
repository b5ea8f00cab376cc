//! `[nn]`: models for guests that use WASI-NN.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use c12::plugin::{Kind, Plugin as _};
use c12_nn::{Device, ModelError as Error, ModelSpec, Options};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::options::{NamedModel, nn_failure};
use crate::report::Failure;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct NnTable {
    #[serde(default)]
    models: BTreeMap<String, Model>,
}

/// A model as text, or in parts.
#[derive(Debug)]
enum Model {
    /// `BACKEND:PATH[?KEY=VALUE&…]`
    Text(String),
    Parts(Parts),
}

#[derive(Debug, Deserialize)]
struct Parts {
    backend: String,
    path: PathBuf,
    weights: Option<PathBuf>,
    device: Option<String>,
    /// What else the backend understands.
    #[serde(flatten)]
    options: BTreeMap<String, OptionValue>,
}

#[derive(Debug)]
enum OptionValue {
    Text(String),
    Integer(i64),
    Number(f64),
    Boolean(bool),
    List(Vec<String>),
}

impl<'de> Deserialize<'de> for OptionValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OptionVisitor)
    }
}

struct OptionVisitor;

impl<'de> Visitor<'de> for OptionVisitor {
    type Value = OptionValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, `true` or `false`, or a list of texts")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<OptionValue, E> {
        Ok(OptionValue::Text(text.to_owned()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<OptionValue, E> {
        Ok(OptionValue::Integer(number))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<OptionValue, E> {
        Ok(OptionValue::Number(number))
    }

    fn visit_bool<E: de::Error>(self, yes: bool) -> Result<OptionValue, E> {
        Ok(OptionValue::Boolean(yes))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OptionValue, A::Error> {
        let mut texts = Vec::new();
        while let Some(text) = list.next_element::<String>()? {
            texts.push(text);
        }
        Ok(OptionValue::List(texts))
    }
}

/// Whether a setting of the plugin is a path.
pub(super) fn is_path(key: &str) -> bool {
    let keys = c12_nn::Nn::new().keys();
    keys.iter()
        .any(|known| known.name() == key && known.kind() == Kind::Path)
}

impl<'de> Deserialize<'de> for Model {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ModelVisitor)
    }
}

struct ModelVisitor;

impl<'de> Visitor<'de> for ModelVisitor {
    type Value = Model;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text such as `onnx:model.onnx`, or a table with `backend` and `path`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Model, E> {
        Ok(Model::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Model, A::Error> {
        Parts::deserialize(MapAccessDeserializer::new(map)).map(Model::Parts)
    }
}

impl NnTable {
    /// The models, with paths relative to a folder.
    pub(super) fn models(&self, folder: &Path) -> Result<Vec<NamedModel>, Failure> {
        self.models
            .iter()
            .map(|(name, model)| {
                let mut spec = model.spec(name).map_err(|error| {
                    nn_failure(
                        &format!("the configuration names no model `{name}`"),
                        &error,
                    )
                })?;
                for file in &mut spec.files {
                    *file = folder.join(&*file);
                }
                Ok(NamedModel {
                    spec,
                    must_exist: true,
                })
            })
            .collect()
    }
}

impl Model {
    fn spec(&self, name: &str) -> Result<ModelSpec, Error> {
        match self {
            Model::Text(text) => {
                // A name that has a `=` would be read as something else.
                let mut spec: ModelSpec = format!("model={text}").parse()?;
                spec.name = name.to_owned();
                Ok(spec)
            }
            Model::Parts(parts) => parts.spec(name),
        }
    }
}

impl Parts {
    fn spec(&self, name: &str) -> Result<ModelSpec, Error> {
        let device: Option<Device> = self.device.as_deref().map(str::parse).transpose()?;
        let mut options = Options::new();
        for (key, value) in &self.options {
            match value {
                OptionValue::Text(text) => options.set(key, text.as_str()),
                OptionValue::Integer(number) => options.set(key, *number),
                OptionValue::Number(number) => options.set(key, *number),
                OptionValue::Boolean(yes) => options.set(key, *yes),
                OptionValue::List(texts) => options.set(key, texts.as_slice()),
            }
        }
        Ok(ModelSpec {
            name: name.to_owned(),
            backend: self.backend.to_ascii_lowercase(),
            device: device.unwrap_or_default(),
            files: std::iter::once(&self.path)
                .chain(&self.weights)
                .cloned()
                .collect(),
            options,
        })
    }
}
