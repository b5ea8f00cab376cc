//! The library of ONNX Runtime, of which a process has one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ort::environment::{Environment, GlobalThreadPoolOptions};
use ort::logging::LogLevel;

use super::arena;
use crate::Library;

/// The oldest version whose library can be used.
const OLDEST: &str = "1.17";

/// The library: one for the process, as it has one environment.
pub(super) struct Loaded {
    pub(super) path: PathBuf,
    pub(super) environment: Environment,
    /// The bytes that the models of guests may take together.
    guests: u64,
    /// Why there is no memory for the models of guests, if so.
    pub(super) no_arena: Option<String>,
}

static LIBRARY: Mutex<Opened> = Mutex::new(Opened {
    path: None,
    loaded: None,
});

/// What has come of looking for the library. Failures are forgotten: it may have been set up meanwhile.
struct Opened {
    /// The file that the binding has opened, which it does once.
    path: Option<PathBuf>,
    loaded: Option<&'static Loaded>,
}

/// The library, which is loaded if none is yet; then the models of guests may take so many bytes together.
pub(super) fn loaded(library: &Library<'_>, guests: u64) -> Result<&'static Loaded, String> {
    let mut opened = LIBRARY.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(loaded) = opened.loaded {
        let is_meant = library.named().is_none()
            || library
                .candidates()
                .iter()
                .any(|path| is_same(path, &loaded.path));
        if guests < loaded.guests {
            tracing::debug!(
                "the models of guests may take {} bytes in ONNX Runtime, which was said first in this process",
                loaded.guests
            );
        }
        return if is_meant {
            Ok(loaded)
        } else {
            Err(already(&loaded.path))
        };
    }
    let loaded: &'static Loaded = Box::leak(Box::new(load(library, guests, &mut opened.path)?));
    opened.loaded = Some(loaded);
    Ok(loaded)
}

fn is_same(one: &Path, other: &Path) -> bool {
    one == other
        || one
            .canonicalize()
            .is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

fn already(path: &Path) -> String {
    format!(
        "ONNX Runtime is already loaded from `{}`, and a process has one of them",
        path.display()
    )
}

fn load(
    library: &Library<'_>,
    guests: u64,
    opened: &mut Option<PathBuf>,
) -> Result<Loaded, String> {
    let mut reason = library.missing(
        "library of ONNX Runtime",
        "`c12 plugin setup nn onnx` would fetch it",
    );
    for path in library.candidates() {
        // The binding panics where it does not expect a failure.
        let environment = catch_unwind(AssertUnwindSafe(|| open(&path, guests, opened)))
            .unwrap_or_else(|_| Err(format!("`{}` is no ONNX Runtime", path.display())));
        match environment {
            Ok((environment, no_arena)) => {
                return Ok(Loaded {
                    path,
                    environment,
                    guests,
                    no_arena,
                });
            }
            Err(error) => reason = error,
        }
    }
    Err(reason)
}

fn open(
    path: &Path,
    guests: u64,
    opened: &mut Option<PathBuf>,
) -> Result<(Environment, Option<String>), String> {
    if let Some(other) = opened.as_deref().filter(|other| !is_same(other, path)) {
        return Err(already(other));
    }
    let builder = ort::init_from(path).map_err(|error| match error {
        ort::LoadDynamicError::BadVersion { version_str, .. } => format!(
            "`{}` is ONNX Runtime {version_str}; {OLDEST} or later is needed, which `c12 plugin setup nn onnx` would fetch",
            path.display()
        ),
        error => error.to_string(),
    })?;
    *opened = Some(path.to_owned());
    let mut environment = builder
        .with_name("c12")
        .with_telemetry(false)
        // Threads of the process, not of each model: guests may have many.
        .with_global_thread_pool(GlobalThreadPoolOptions::default())
        .with_logger(Arc::new(|level, category, _, _, message| match level {
            LogLevel::Fatal | LogLevel::Error => tracing::warn!(category, "{message}"),
            LogLevel::Warning => tracing::debug!(category, "{message}"),
            _ => tracing::trace!(category, "{message}"),
        }))
        .build()
        .map_err(|error| error.to_string())?;
    // The user's own models need none.
    let arena = arena::register(&mut environment, guests);
    Ok((environment, arena.err().map(|error| error.to_string())))
}
