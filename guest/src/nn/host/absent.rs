//! Outside of a sandbox there is no host.

use std::convert::Infallible;

use super::{Inputs, Outputs};
use crate::nn::{
    Device, Encoding, Error, Finish, Message, ModelInfo, Options, Prompt, Result, Sampling,
    Signature, Usage,
};

/// Without a host there are no graphs.
pub(in crate::nn) type Graph = Infallible;
pub(in crate::nn) type Context = Infallible;
pub(in crate::nn) type Generation = Infallible;

fn absent<T>() -> Result<T> {
    Err(Error::UnsupportedOperation(
        "there is no host that runs models: this is no WebAssembly".to_owned(),
    ))
}

pub(in crate::nn) fn load(_: &[&[u8]], _: Encoding, _: Device) -> Result<Graph> {
    absent()
}

pub(in crate::nn) fn load_by_name(_: &str, _: Option<&Options>) -> Result<Graph> {
    absent()
}

pub(in crate::nn) fn names() -> Result<Vec<String>> {
    absent()
}

pub(in crate::nn) fn describe(graph: &Graph) -> Result<Signature> {
    match *graph {}
}

pub(in crate::nn) fn context(graph: &Graph) -> Result<Context> {
    match *graph {}
}

pub(in crate::nn) fn compute(context: &Context, _: &Inputs<'_>) -> Result<Outputs> {
    match *context {}
}

pub(in crate::nn) fn compute_all<'a>(
    graph: &Graph,
    _: &[Vec<(&'a str, crate::nn::TensorView<'a>)>],
) -> Result<Vec<Outputs>> {
    match *graph {}
}

pub(in crate::nn) fn info(graph: &Graph) -> Result<ModelInfo> {
    match *graph {}
}

pub(in crate::nn) fn generate(graph: &Graph, _: &Prompt, _: &Sampling) -> Result<Generation> {
    match *graph {}
}

pub(in crate::nn) fn next(generation: &Generation) -> Result<Option<String>> {
    match *generation {}
}

pub(in crate::nn) fn finish(generation: &Generation) -> Result<Option<Finish>> {
    match *generation {}
}

pub(in crate::nn) fn usage(generation: &Generation) -> Result<Usage> {
    match *generation {}
}

pub(in crate::nn) fn apply_chat_template(graph: &Graph, _: &[Message]) -> Result<String> {
    match *graph {}
}

pub(in crate::nn) fn count_tokens(graph: &Graph, _: &str) -> Result<u32> {
    match *graph {}
}

pub(in crate::nn) fn embed(graph: &Graph, _: &[&str], _: &Options) -> Result<Vec<Vec<f32>>> {
    match *graph {}
}
