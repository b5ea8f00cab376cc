use std::sync::Arc;

use super::ffi::{self, Argument, Kind, Runner};
use crate::{
    Cancel, Error, Result, Session, Side, Signature, Tensor, TensorDescription, TensorModel,
};

/// A program of TorchScript with its weights.
pub(super) struct Model {
    model: Arc<ffi::Model>,
    signature: Signature,
    arguments: usize,
    is_stateful: bool,
    threads: u16,
    size: u64,
}

impl Model {
    pub(super) fn new(model: ffi::Model, threads: u16, size: u64) -> Result<Self> {
        let arguments = model.arguments();
        Ok(Self {
            signature: signature(&arguments)?,
            arguments: arguments.len(),
            is_stateful: model.is_stateful(),
            size: size.max(model.memory()),
            model: Arc::new(model),
            threads,
        })
    }
}

/// Programs do not say which dimensions their arguments have, nor what they give.
fn signature(arguments: &[Argument]) -> Result<Signature> {
    let required = arguments
        .iter()
        .take_while(|argument| !argument.is_optional);
    let tensors: Vec<TensorDescription> = required
        .map(|argument| match argument.kind {
            Kind::Other => Err(Error::unsupported(format!(
                "the model's argument `{}` is neither a tensor nor a number",
                argument.name.escape_debug()
            ))),
            _ => Ok(TensorDescription {
                name: argument.name.clone(),
                ty: None,
                dimensions: None,
            }),
        })
        .collect::<Result<_>>()?;
    let open = tensors.len() < arguments.len();
    Ok(Signature {
        inputs: Side { tensors, open },
        outputs: Side {
            tensors: Vec::new(),
            open: true,
        },
    })
}

impl TensorModel for Model {
    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn memory(&self) -> u64 {
        self.size
    }

    fn is_stateful(&self) -> bool {
        self.is_stateful
    }

    fn session(&self) -> Result<Box<dyn Session>> {
        let runner = if self.is_stateful {
            Runner::Exclusive(self.model.copied()?)
        } else {
            Runner::Shared(Arc::clone(&self.model))
        };
        Ok(Box::new(Inference {
            runner,
            arguments: self.arguments,
            threads: self.threads,
        }))
    }
}

struct Inference {
    runner: Runner,
    arguments: usize,
    threads: u16,
}

impl Session for Inference {
    /// libtorch cannot be interrupted: cancelling shows when it has finished.
    fn run(&mut self, inputs: &[Tensor], cancel: &Cancel) -> Result<Vec<Tensor>> {
        if inputs.len() > self.arguments {
            return Err(Error::invalid_argument(format!(
                "the model takes {} inputs, but {} were given",
                self.arguments,
                inputs.len()
            )));
        }
        cancel.check()?;
        let outputs = self.runner.run(inputs, self.threads)?;
        cancel.check()?;
        Ok(outputs)
    }
}
