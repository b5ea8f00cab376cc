//! Cryptography that the host does, with keys that the host holds: encryption, signatures, digests, derivation, and a
//! conversation of two who know nothing but each other's public keys.
//!
//! ```text
//! c12 run 11_crypto_operations.wasm
//! c12 run --dir .::/work 11_crypto_operations.wasm -- seal /work/key.txt /work/letter.txt /work/letter.sealed
//! ```
//!
//! Without a command, everything is demonstrated, and what comes out is compared with published test vectors or with what
//! it has to be; the first difference ends the program. The same source is a core module (`wasm32-wasip1`) and a
//! component (`wasm32-wasip2`).

mod checks;
mod conversation;
mod derivation;
mod digests;
mod files;
mod hex;
mod options;
mod signatures;
mod stored;
mod symmetric;

use std::process::ExitCode;

use c12_wasm::cli::{self, Failure};

use checks::Checks;
use options::Command;

const PROGRAM: &str = "11_crypto_operations";

fn main() -> ExitCode {
    cli::finish(PROGRAM, run())
}

fn run() -> Result<(), Failure> {
    let arguments = std::env::args_os()
        .skip(1)
        .map(|argument| {
            argument.into_string().map_err(|argument| {
                Failure::usage(format!("the argument {argument:?} is not valid Unicode"))
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    match Command::parse(&arguments)? {
        Command::Help => files::print(options::HELP),
        Command::Demonstrate => demonstrate(),
        Command::Hash { algorithm, path } => digests::of_file(algorithm, &path),
        Command::NewKey { key } => symmetric::new_key(&key),
        Command::Seal { key, from, to } => symmetric::seal(&key, &from, &to),
        Command::Open { key, from, to } => symmetric::open(&key, &from, &to),
        Command::NewSigningKey { secret, public } => signatures::new_key(&secret, &public),
        Command::Sign {
            secret,
            message,
            signature,
        } => signatures::sign(&secret, &message, &signature),
        Command::Verify {
            public,
            message,
            signature,
        } => signatures::verify(&public, &message, &signature),
        Command::Derive { salt } => derivation::from_standard_input(&salt),
        Command::NewStoredKey { key } => stored::new_key(&key),
        Command::Revoke { key } => stored::revoke(&key),
        Command::Conversation => conversation::show(),
    }
}

fn demonstrate() -> Result<(), Failure> {
    let mut checks = Checks::default();
    symmetric::demonstrate(&mut checks)?;
    signatures::demonstrate(&mut checks)?;
    digests::demonstrate(&mut checks)?;
    derivation::demonstrate(&mut checks)?;
    conversation::demonstrate(&mut checks)?;
    files::print(&checks.summary())
}
