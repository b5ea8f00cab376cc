//! Differential tests: the core of the plugin `crypto` against crate `wasi-crypto`, which the specification's author wrote.
//!
//! [`run`] makes a sequence of calls of WASI-Crypto from bytes and gives every call to both implementations. Results must be
//! equal, and errors too; what differs and may is in the [list](known::KNOWN), with its reason. What is random by nature
//! (signatures, generated keys, encapsulated secrets) is compared by letting the other side accept it.

mod asymmetric;
mod damage;
mod exchange;
pub mod known;
mod outcome;
mod sequence;
mod sides;
mod signatures;
mod symmetric;
mod symmetric_choices;
mod symmetric_state;
mod world;

pub use outcome::{Failure, Outcome};
pub use sequence::{run, sequence_of};
pub use world::{Difference, Report};
