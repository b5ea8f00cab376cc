//! What guests ask for in JSON.

use c12_nn_core::{Error, Message, Options, Prompt, Result};
use serde_json::{Map, Value};

use super::super::errno::Refusal;
use super::super::{Call, memory};

/// The longest request, in bytes: longer than any context. As values it takes many times as much.
const LONGEST: usize = 4 << 20;

/// A longer one is read away from the executor.
const SHORT: usize = 64 << 10;

impl Call<'_, '_> {
    /// A request, as `read` understands it.
    pub(super) async fn request<T: Send + 'static>(
        &mut self,
        (start, length): (u32, u32),
        read: impl FnOnce(Value) -> Result<T> + Send + 'static,
    ) -> Result<T, Refusal> {
        let bytes = self.kept((start, length))?;
        if bytes.len() > LONGEST {
            return Err(Error::too_large(format!(
                "the request has {} bytes; {LONGEST} are allowed",
                bytes.len()
            ))
            .into());
        }
        if bytes.len() <= SHORT {
            return Ok(read(parsed(bytes)?)?);
        }
        let bytes = bytes.to_vec();
        let session = self.session()?;
        Ok(session.work(move |_| read(parsed(&bytes)?)).await?)
    }

    /// Bytes that the host is going to keep while the call lasts.
    pub(super) fn kept(&mut self, (start, length): (u32, u32)) -> Result<&[u8], Refusal> {
        let most = self.session()?.limits().host_bytes;
        let bytes = memory::bytes(self.memory()?, start, length)?;
        if bytes.len() <= most {
            return Ok(bytes);
        }
        Err(Error::too_large(format!(
            "{} bytes are more than the {most} bytes that one call may have the host keep",
            bytes.len()
        ))
        .with_help("`--max-host-bytes` is the limit")
        .into())
    }
}

fn parsed(bytes: &[u8]) -> Result<Value> {
    serde_json::from_slice(bytes)
        .map_err(|error| Error::invalid_argument(format!("it is no JSON: {error}")))
}

/// What is to be continued, and how.
pub(super) fn generation(request: Value) -> Result<(Prompt, Options)> {
    let mut request = object(request)?;
    let prompt = match (request.remove("prompt"), request.remove("messages")) {
        (Some(Value::String(text)), None) => Prompt::Text(text),
        (None, Some(list)) => Prompt::Chat(messages(list)?),
        _ => {
            return Err(Error::invalid_argument(
                "either `prompt`, a text, or `messages`, a list, is to be continued",
            ));
        }
    };
    Ok((prompt, options(request)?))
}

/// What is to be embedded, and how.
pub(super) fn embedding(request: Value) -> Result<(Vec<String>, Options)> {
    let mut request = object(request)?;
    let texts = match request.remove("texts") {
        Some(Value::Array(texts)) => texts
            .into_iter()
            .map(text)
            .collect::<Result<Vec<String>>>()?,
        _ => {
            return Err(Error::invalid_argument(
                "`texts`, a list, is to be embedded",
            ));
        }
    };
    Ok((texts, options(request)?))
}

/// `[{"role": …, "content": …}]`
pub(super) fn messages(list: Value) -> Result<Vec<Message>> {
    let Value::Array(list) = list else {
        return Err(Error::invalid_argument("the messages are no list"));
    };
    list.into_iter()
        .map(|message| {
            let mut message = object(message)?;
            let mut part = |name: &str| text(message.remove(name).unwrap_or_default());
            Ok(Message {
                role: part("role")?,
                content: part("content")?,
            })
        })
        .collect()
}

fn object(value: Value) -> Result<Map<String, Value>> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(Error::invalid_argument("the request is no JSON object")),
    }
}

fn text(value: Value) -> Result<String> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(Error::invalid_argument(
            "something that must be a text is none",
        )),
    }
}

/// What is left of a request: its options, and nothing else.
fn options(mut request: Map<String, Value>) -> Result<Options> {
    let mut options = Options::new();
    if let Some(given) = request.remove("options") {
        // What is null was left out: it must not take the place of what the user set.
        for (key, value) in object(given)?
            .into_iter()
            .filter(|(_, value)| !value.is_null())
        {
            options.set(key, value);
        }
    }
    match request.keys().next() {
        None => Ok(options),
        Some(key) => Err(Error::invalid_argument(format!(
            "the request has `{}`, which means nothing",
            key.escape_debug()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn options_that_are_null_were_left_out() {
        let request = json!({ "prompt": "a", "options": { "cache-key": null, "seed": 7 } });
        let (_, options) = generation(request).unwrap();
        assert_eq!(options.keys().collect::<Vec<_>>(), ["seed"]);
        let request = json!({ "texts": ["a"], "options": { "cache-key": null } });
        let (texts, options) = embedding(request).unwrap();
        assert_eq!(texts, ["a"]);
        assert!(options.is_empty());
    }
}
