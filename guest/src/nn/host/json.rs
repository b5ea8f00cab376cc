//! What core modules and the host say to each other in JSON.

use serde_json::{Map, Value, json};

use crate::nn::{
    Description, Dimension, Error, Finish, Grammar, Message, ModelInfo, Options, Prompt, Result,
    Sampling, Signature, TensorType, Usage,
};

/// An output of a computation, before its bytes are fetched.
#[derive(Debug, PartialEq)]
pub(super) struct Output {
    pub(super) name: String,
    pub(super) ty: TensorType,
    pub(super) dimensions: Vec<u32>,
    pub(super) bytes: usize,
}

pub(super) fn options(options: &Options) -> Value {
    let all = options.iter();
    all.map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect::<Map<_, _>>()
        .into()
}

pub(super) fn messages(list: &[Message]) -> Value {
    let turn = |message: &Message| json!({ "role": message.role, "content": message.content });
    list.iter().map(turn).collect()
}

pub(super) fn request(prompt: &Prompt, sampling: &Sampling) -> Value {
    match prompt {
        Prompt::Text(text) => json!({ "prompt": text, "options": self::sampling(sampling) }),
        Prompt::Chat(list) => {
            json!({ "messages": messages(list), "options": self::sampling(sampling) })
        }
    }
}

fn sampling(sampling: &Sampling) -> Value {
    let mut all = match options(&sampling.others) {
        Value::Object(all) => all,
        _ => Map::new(),
    };
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            all.insert(name.to_owned(), value);
        }
    };
    set("max-tokens", sampling.max_tokens.map(Value::from));
    set("temperature", sampling.temperature.map(Value::from));
    set("top-k", sampling.top_k.map(Value::from));
    set("top-p", sampling.top_p.map(Value::from));
    set("min-p", sampling.min_p.map(Value::from));
    set("repeat-penalty", sampling.repeat_penalty.map(Value::from));
    set("seed", sampling.seed.map(Value::from));
    let stop = Some(&sampling.stop).filter(|stop| !stop.is_empty());
    set("stop", stop.map(|stop| Value::from(stop.clone())));
    match &sampling.grammar {
        None => {}
        Some(Grammar::Gbnf(grammar)) => set("grammar", Some(grammar.as_str().into())),
        Some(Grammar::JsonSchema(schema)) => set("json-schema", Some(schema.as_str().into())),
    }
    all.into()
}

pub(super) fn parsed(bytes: &[u8]) -> Result<Value> {
    serde_json::from_slice(bytes).map_err(|error| odd(&error.to_string()))
}

/// The host's fault, not the guest's.
fn odd(what: &str) -> Error {
    Error::Unknown(format!("the host says what cannot be understood: {what}"))
}

pub(super) fn names(value: &Value) -> Result<Vec<String>> {
    let list = value.as_array().ok_or_else(|| odd("names"))?;
    list.iter().map(|name| text(name, "a name")).collect()
}

pub(super) fn signature(value: &Value) -> Result<Signature> {
    let side = |name: &str| -> Result<(Vec<Description>, bool)> {
        let side = &value[name];
        let tensors = side["tensors"].as_array().ok_or_else(|| odd(name))?;
        let descriptions = tensors.iter().map(description).collect::<Result<_>>()?;
        Ok((descriptions, side["open"] == true))
    };
    let (inputs, open_inputs) = side("inputs")?;
    let (outputs, open_outputs) = side("outputs")?;
    Ok(Signature {
        inputs,
        open_inputs,
        outputs,
        open_outputs,
    })
}

fn description(value: &Value) -> Result<Description> {
    let dimensions = match &value["dimensions"] {
        Value::Null => None,
        Value::Array(all) => Some(all.iter().map(dimension).collect::<Result<_>>()?),
        _ => return Err(odd("dimensions")),
    };
    Ok(Description {
        name: text(&value["name"], "a name")?,
        ty: value["type"].as_str().and_then(TensorType::from_name),
        dimensions,
    })
}

fn dimension(value: &Value) -> Result<Dimension> {
    match value {
        Value::Null => Ok(Dimension::Free(None)),
        Value::String(name) => Ok(Dimension::Free(Some(name.clone()))),
        number => self::number(number, "a dimension").map(Dimension::Fixed),
    }
}

pub(super) fn outputs(value: &Value) -> Result<Vec<Output>> {
    let list = value.as_array().ok_or_else(|| odd("outputs"))?;
    let outputs = list.iter().map(|output| {
        let dimensions = output["dimensions"]
            .as_array()
            .ok_or_else(|| odd("dimensions"))?;
        let ty = output["type"].as_str().and_then(TensorType::from_name);
        Ok(Output {
            name: text(&output["name"], "a name")?,
            ty: ty.ok_or_else(|| odd("a type"))?,
            dimensions: dimensions
                .iter()
                .map(|size| number(size, "a dimension"))
                .collect::<Result<_>>()?,
            bytes: number(&output["bytes"], "a size")?,
        })
    });
    outputs.collect()
}

pub(super) fn info(value: &Value) -> Result<ModelInfo> {
    let info = &value["language"];
    if info.is_null() {
        return Err(Error::UnsupportedOperation(
            "the model is no language model".to_owned(),
        ));
    }
    let maybe = |name: &str| info[name].as_str().map(str::to_owned);
    Ok(ModelInfo {
        name: maybe("name"),
        architecture: maybe("architecture"),
        context_tokens: number(&info["context-tokens"], "context-tokens")?,
        vocabulary: number(&info["vocabulary"], "vocabulary")?,
        embedding_size: number(&info["embedding-size"], "embedding-size")?,
        has_chat_template: info["has-chat-template"] == true,
    })
}

pub(super) fn usage(value: &Value) -> Result<Usage> {
    Ok(Usage {
        input_tokens: number(&value["input-tokens"], "input-tokens")?,
        cached_tokens: number(&value["cached-tokens"], "cached-tokens")?,
        output_tokens: number(&value["output-tokens"], "output-tokens")?,
        first_token_micros: number(&value["first-token-micros"], "first-token-micros")?,
        total_micros: number(&value["total-micros"], "total-micros")?,
    })
}

pub(super) fn finish(value: &Value) -> Result<Option<Finish>> {
    match value["finish"].as_str() {
        None => Ok(None),
        Some("end-of-sequence") => Ok(Some(Finish::EndOfSequence)),
        Some("stop") => Ok(Some(Finish::Stop)),
        Some("max-tokens") => Ok(Some(Finish::MaxTokens)),
        Some("context-full") => Ok(Some(Finish::ContextFull)),
        Some(other) => Err(odd(other)),
    }
}

fn text(value: &Value, what: &str) -> Result<String> {
    value.as_str().map(str::to_owned).ok_or_else(|| odd(what))
}

fn number<T: TryFrom<u64>>(value: &Value, what: &str) -> Result<T> {
    value
        .as_u64()
        .and_then(|number| T::try_from(number).ok())
        .ok_or_else(|| odd(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_set_is_asked_for() {
        let nothing = request(&Prompt::from("Once"), &Sampling::new());
        assert_eq!(nothing, json!({ "prompt": "Once", "options": {} }));
        let sampling = Sampling::new()
            .max_tokens(7)
            .temperature(0.5)
            .top_k(3)
            .top_p(0.25)
            .min_p(0.125)
            .repeat_penalty(1.5)
            .seed(9)
            .stop("a")
            .stop("b")
            .grammar(Grammar::JsonSchema("{}".to_owned()))
            .option("cache-key", "k");
        let chat = Prompt::from(vec![Message::user("Hello")]);
        assert_eq!(
            request(&chat, &sampling),
            json!({
                "messages": [{ "role": "user", "content": "Hello" }],
                "options": {
                    "max-tokens": 7, "temperature": 0.5, "top-k": 3, "top-p": 0.25, "min-p": 0.125,
                    "repeat-penalty": 1.5, "seed": 9, "stop": ["a", "b"], "json-schema": "{}", "cache-key": "k",
                },
            })
        );
    }

    #[test]
    fn what_a_model_is_is_understood() {
        let described = json!({
            "backend": "onnxruntime",
            "inputs": { "open": false, "tensors": [
                { "name": "image", "type": "f32", "dimensions": ["batch", 3, null] },
            ] },
            "outputs": { "open": true, "tensors": [{ "name": "", "type": null, "dimensions": null }] },
        });
        let signature = signature(&described).unwrap();
        assert_eq!(signature.inputs[0].to_string(), "image: f32[batch, 3, ?]");
        assert!(!signature.open_inputs && signature.open_outputs);
        assert_eq!(signature.outputs, [Description::default()]);
        assert!(matches!(
            info(&described),
            Err(Error::UnsupportedOperation(_))
        ));
        assert!(matches!(
            self::signature(&json!({})),
            Err(Error::Unknown(_))
        ));
    }

    #[test]
    fn outputs_have_the_sizes_that_they_came_with() {
        let told = json!([{ "name": "y", "type": "i64", "dimensions": [2, 1], "bytes": 16 }]);
        let expected = Output {
            name: "y".to_owned(),
            ty: TensorType::I64,
            dimensions: vec![2, 1],
            bytes: 16,
        };
        assert_eq!(outputs(&told).unwrap(), [expected]);
        assert!(outputs(&json!([{ "name": "y" }])).is_err());
        let named = parsed(br#"["a", "b"]"#).unwrap();
        assert_eq!(names(&named).unwrap(), ["a", "b"]);
        assert!(matches!(parsed(b"["), Err(Error::Unknown(_))));
    }

    #[test]
    fn a_text_says_what_it_took() {
        let told = json!({
            "finish": null, "input-tokens": 1, "cached-tokens": 2, "output-tokens": 3,
            "first-token-micros": 4, "total-micros": 5,
        });
        assert_eq!(usage(&told).unwrap().total_micros, 5);
        assert_eq!(finish(&told).unwrap(), None);
        let ended = json!({ "finish": "max-tokens" });
        assert_eq!(finish(&ended).unwrap(), Some(Finish::MaxTokens));
    }
}
