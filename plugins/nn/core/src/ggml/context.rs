//! A language model as a graph: a prompt in, a text out, as guests for WasmEdge use it.

use std::sync::Arc;

use serde_json::json;

use super::job::Stream;
use super::options::{self, GenerateOptions};
use super::{Shared, VERSION};
use crate::{
    Cancel, Error, ExecutionContext, Finish, Generation, LanguageModel, NamedTensor, Options,
    Prompt, Reason, Result, Step, Tensor, TensorId, Usage,
};

/// The longest options that a guest gives a context, in bytes.
const OPTIONS: usize = 1 << 20;

pub(super) struct LanguageContext {
    shared: Arc<Shared>,
    /// Those that the context was made with.
    made_with: Options,
    /// The same, overridden by what was set last.
    options: Options,
    prompt: Option<String>,
    /// What the last computation gave.
    output: Option<String>,
    usage: Usage,
    steps: Option<Steps>,
    piece: String,
}

/// A computation in steps. It outlives the calls that the steps are made in, so it has a token of its own.
struct Steps {
    stream: Stream,
    cancel: Cancel,
}

impl Steps {
    /// The next piece. Cancelling the call ends the whole computation.
    fn next(&mut self, call: &Cancel) -> Result<Option<String>> {
        let (token, whole) = (call.clone(), self.cancel.clone());
        let _until_it_is_there =
            call.on_cancel(move || whole.cancel(token.reason().unwrap_or(Reason::Gone)));
        self.stream.next_piece()
    }
}

impl LanguageContext {
    pub(super) fn new(shared: Arc<Shared>, options: Options) -> Result<Self> {
        GenerateOptions::new(&options)?;
        Ok(Self {
            shared,
            made_with: options.clone(),
            options,
            prompt: None,
            output: None,
            usage: Usage::default(),
            steps: None,
            piece: String::new(),
        })
    }

    fn begin(&self, cancel: &Cancel) -> Result<Stream> {
        let prompt = self.prompt()?.to_owned();
        self.shared
            .stream(&Prompt::Text(prompt), &self.options, cancel)
    }

    fn prompt(&self) -> Result<&str> {
        self.prompt
            .as_deref()
            .ok_or_else(|| Error::invalid_argument("the input `prompt` is missing"))
    }

    /// Instead of a text, its embedding, in WasmEdge's form.
    fn embed(&mut self, cancel: &Cancel) -> Result<()> {
        let prompt = self.prompt()?.to_owned();
        let input_tokens = self.shared.count_tokens(&prompt)?;
        let vectors = self.shared.embed(&[prompt], &self.options, cancel)?;
        let vector = vectors.into_iter().next().unwrap_or_default();
        self.usage = Usage {
            input_tokens,
            ..Usage::default()
        };
        self.output = Some(json!({ "n_embedding": vector.len(), "embedding": vector }).to_string());
        Ok(())
    }

    fn metadata(&self) -> String {
        json!({
            "input_tokens": self.usage.input_tokens,
            "output_tokens": self.usage.output_tokens,
            "cached_tokens": self.usage.cached_tokens,
            // Releases from the package registry have neither, and llama.cpp calls them so.
            "llama_build_number": 0,
            "llama_commit": "unknown",
            "llama_version": VERSION,
        })
        .to_string()
    }

    fn tensor(&self, id: &TensorId, text: Option<&str>) -> Result<Tensor> {
        match self.shared.signature.outputs.position(id, "output")? {
            0 => text.map(Tensor::from_text).ok_or_else(|| {
                Error::runtime(format!("there is no output {id} before a computation"))
            }),
            _ => Ok(Tensor::from_text(self.metadata())),
        }
    }
}

impl ExecutionContext for LanguageContext {
    fn set_input(&mut self, id: &TensorId, tensor: Tensor) -> Result<()> {
        // Guests give bytes whatever dimensions they say; many say `[1]`.
        match self.shared.signature.inputs.position(id, "input")? {
            0 => self.prompt = Some(tensor.to_text()?.to_owned()),
            _ => {
                if tensor.data.len() > OPTIONS {
                    return Err(Error::too_large(format!(
                        "the options have {} bytes; {OPTIONS} are allowed",
                        tensor.data.len()
                    )));
                }
                let given = options::of_context(&Options::from_json(&tensor.data)?);
                let options = self.made_with.overridden_by(&given);
                GenerateOptions::new(&options)?;
                for flag in ["embedding", "embd-normalize"] {
                    options.text(flag)?;
                }
                self.options = options;
            }
        }
        Ok(())
    }

    fn compute(&mut self, cancel: &Cancel) -> Result<()> {
        self.steps = None;
        self.output = None;
        if self.options.flag("embedding")? == Some(true) {
            return self.embed(cancel);
        }
        let mut stream = self.begin(cancel)?;
        let mut text = String::new();
        while let Some(piece) = stream.next_piece()? {
            text.push_str(&piece);
        }
        self.usage = stream.usage();
        self.output = Some(text);
        if stream.finish() == Some(Finish::ContextFull) {
            return Err(context_full());
        }
        Ok(())
    }

    fn get_output(&mut self, id: &TensorId) -> Result<Tensor> {
        self.tensor(id, self.output.as_deref())
    }

    fn compute_with_io(
        &mut self,
        inputs: Vec<NamedTensor>,
        cancel: &Cancel,
    ) -> Result<Vec<NamedTensor>> {
        self.prompt = None;
        for NamedTensor { name, tensor } in inputs {
            self.set_input(&TensorId::Name(name), tensor)?;
        }
        self.compute(cancel)?;
        ["text", "metadata"]
            .into_iter()
            .map(|name| {
                Ok(NamedTensor {
                    name: name.to_owned(),
                    tensor: self.get_output(&name.into())?,
                })
            })
            .collect()
    }

    fn compute_single(&mut self, cancel: &Cancel) -> Result<Step> {
        if self.options.flag("embedding")? == Some(true) {
            return Err(Error::unsupported(
                "an embedding is given at once, not in steps",
            ));
        }
        if self.steps.is_none() {
            self.output = Some(String::new());
            let whole = Cancel::new();
            self.steps = Some(Steps {
                stream: self.begin(&whole)?,
                cancel: whole,
            });
        }
        let Some(steps) = &mut self.steps else {
            return Err(Error::runtime("the computation has not begun"));
        };
        let piece = steps.next(cancel)?;
        let stream = &steps.stream;
        self.usage = stream.usage();
        if let Some(piece) = piece {
            self.output.get_or_insert_default().push_str(&piece);
            self.piece = piece;
            return Ok(Step::Piece);
        }
        self.piece.clear();
        Ok(match stream.finish() {
            Some(Finish::ContextFull) => Step::ContextFull,
            Some(Finish::Limit) => Step::LimitReached,
            _ => Step::EndOfSequence,
        })
    }

    fn get_output_single(&mut self, id: &TensorId) -> Result<Tensor> {
        let begun = self.steps.is_some().then_some(self.piece.as_str());
        self.tensor(id, begun)
    }

    fn fini_single(&mut self) -> Result<()> {
        self.steps = None;
        self.piece.clear();
        Ok(())
    }
}

fn context_full() -> Error {
    Error::too_large("the context is full; what was written until then is the output")
}
