//! The settings, and what the core makes of them.

use std::num::NonZero;
use std::thread::available_parallelism;

use c12::plugin::{Key, Kind, Settings};
use c12_crypto_core::{Config, Limits};

use crate::Error;

/// The settings that [`config`] and [`threads`] know.
pub(crate) fn keys() -> Vec<Key> {
    let limits = Limits::default();
    let limit = |name, kind, fallback: String, about: &'static str| {
        Key::new(name, kind).fallback(fallback).description(about)
    };
    let integer =
        |name, fallback: u64, about| limit(name, Kind::Integer, fallback.to_string(), about);
    let bytes = |name, fallback: u64, about| limit(name, Kind::Bytes, written(fallback), about);
    vec![
        Key::new("store", Kind::Path).description(
            "the file in which keys and secrets are stored, encrypted; without one, guests have no secrets manager",
        ),
        Key::new("key-file", Kind::Path).description(
            "the file with the key of the store; by default the store's name with `.key` behind it. It is made together with the store",
        ),
        Key::new("export-stored", Kind::Boolean)
            .fallback("false")
            .description("whether guests may export stored keys"),
        integer(
            "handles",
            limits.handles as u64,
            "objects that a guest may have open at once; `--max-handles` holds as well",
        ),
        bytes(
            "bytes",
            limits.bytes as u64,
            "what a guest's open objects may hold",
        ),
        integer(
            "batch",
            limits.batch as u64,
            "operations that a guest may do with one call",
        ),
        bytes(
            "password-memory",
            limits.password_memory,
            "memory that Argon2id or scrypt may take; `--max-host-bytes` holds as well",
        ),
        integer(
            "password-work",
            limits.password_work,
            "work of one password function: KiB of memory written (Argon2id, scrypt) or iterations (PBKDF2)",
        ),
        integer(
            "stored",
            limits.stored as u64,
            "keys and secrets in the store, each version counted",
        ),
        bytes(
            "stored-bytes",
            limits.stored_bytes as u64,
            "the size of one stored secret",
        ),
        bytes(
            "stored-total",
            limits.stored_total as u64,
            "the size of the store, all of which every change writes",
        ),
        Key::new("threads", Kind::Integer)
            .fallback("0")
            .description("computations that take long, of all guests, that run at once; 0 means one for each processor"),
    ]
}

/// The core's configuration.
///
/// # Errors
///
/// [`Error::Setting`] for the first that makes no sense.
pub(crate) fn config(settings: &Settings) -> Result<Config, Error> {
    let limits = Limits {
        handles: bounded(number(settings, "handles")?),
        bytes: bounded(bytes(settings, "bytes")?),
        batch: bounded(number(settings, "batch")?),
        password_memory: bytes(settings, "password-memory")?,
        password_work: number(settings, "password-work")?,
        stored: bounded(number(settings, "stored")?),
        stored_bytes: bounded(bytes(settings, "stored-bytes")?),
        stored_total: bounded(bytes(settings, "stored-total")?),
    };
    let config = Config {
        limits,
        store: settings.get("store").map(Into::into),
        store_key: settings.get("key-file").map(Into::into),
        export_managed: settings.is_true("export-stored"),
    };
    if config.store.is_none() && config.store_key.is_some() {
        let message = "is the key of a store, and `crypto.store` names none".to_owned();
        return Err(Error::Setting {
            key: "key-file",
            message,
        });
    }
    Ok(config)
}

/// How many computations that take long may run at once.
///
/// # Errors
///
/// [`Error::Setting`].
pub(crate) fn threads(settings: &Settings) -> Result<usize, Error> {
    let threads = match settings.integer("threads") {
        None | Some(0) => available_parallelism().map_or(1, NonZero::get),
        Some(_) => bounded(number(settings, "threads")?),
    };
    Ok(threads.min(tokio::sync::Semaphore::MAX_PERMITS))
}

fn bounded(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn number(settings: &Settings, key: &'static str) -> Result<u64, Error> {
    let given = settings.integer(key);
    positive(given.and_then(|given| given.try_into().ok()), key)
}

fn bytes(settings: &Settings, key: &'static str) -> Result<u64, Error> {
    positive(settings.bytes(key), key)
}

fn positive(given: Option<u64>, key: &'static str) -> Result<u64, Error> {
    given
        .filter(|given| *given > 0)
        .ok_or_else(|| Error::Setting {
            key,
            message: "must be at least 1".to_owned(),
        })
}

/// An amount of bytes as people write it.
fn written(bytes: u64) -> String {
    match bytes {
        _ if bytes.is_multiple_of(1 << 20) => format!("{}MiB", bytes >> 20),
        _ if bytes.is_multiple_of(1 << 10) => format!("{}KiB", bytes >> 10),
        _ => bytes.to_string(),
    }
}
