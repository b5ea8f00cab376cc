//! The host's functions, the same for core modules and components.

#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod wit;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
use wit as there;

#[cfg(all(target_os = "wasi", not(target_env = "p2")))]
mod witx;
#[cfg(all(target_os = "wasi", not(target_env = "p2")))]
use witx as there;

#[cfg(not(target_os = "wasi"))]
mod absent;
#[cfg(not(target_os = "wasi"))]
use absent as there;

/// What core modules say in JSON.
#[cfg(any(test, all(target_os = "wasi", not(target_env = "p2"))))]
mod json;

#[cfg(any(test, all(target_os = "wasi", not(target_env = "p2"))))]
mod side_by_side;

pub(super) use there::{
    Context, Generation, Graph, apply_chat_template, compute, compute_all, context, count_tokens,
    describe, embed, finish, generate, info, load, load_by_name, names, next, usage,
};

/// Inputs that go along with their names, or their positions in digits.
type Inputs<'a> = [(&'a str, super::TensorView<'a>)];

/// Outputs with their names, in the model's order.
type Outputs = Vec<(String, super::Tensor)>;
