//! Which backend runs a model.

use std::path::Path;
use std::sync::Arc;

use crate::{Backend, Encoding, Error, ModelSpec, Result, Source, detect};

/// What can be known of a model before any of it is loaded.
pub(crate) fn check(spec: &ModelSpec, backends: &[Arc<dyn Backend>]) -> Result<()> {
    let check_options = |is_meant: &dyn Fn(&dyn Backend) -> bool| {
        let meant = || backends.iter().filter(|backend| is_meant(&***backend));
        let keys: Vec<_> = meant().flat_map(|backend| backend.keys()).collect();
        spec.options
            .check_keys(&keys)
            .and_then(|()| meant().try_for_each(|backend| backend.check_options(&spec.options)))
            .map_err(|error| error.of(&format!("the model `{}`", spec.name.escape_debug())))
    };
    if backends.iter().any(|known| known.name() == spec.backend) {
        return check_options(&|backend| backend.name() == spec.backend);
    }
    let encoding: Encoding = spec.backend.parse().map_err(|_| {
        let names: Vec<&str> = backends.iter().map(|backend| backend.name()).collect();
        Error::invalid_encoding(format!(
            "the model `{}` is to be run by `{}`, which is neither a backend nor an encoding",
            spec.name, spec.backend
        ))
        .with_help(format!("the backends are {}", names.join(", ")))
    })?;
    check_options(&|backend| encoding == Encoding::Autodetect || backend.reads(encoding))
}

/// The first backend that reads the encoding and is ready.
///
/// # Errors
///
/// `unsupported-operation` if there is none, or if the user named the library of one before it that cannot be used.
pub(crate) fn reader(
    backends: &[Arc<dyn Backend>],
    encoding: Encoding,
) -> Result<Arc<dyn Backend>> {
    let reads = |backend: &&Arc<dyn Backend>| backend.reads(encoding);
    first_ready(backends.iter().filter(reads))
        .map_err(|none| none.error(format!("no backend for `{encoding}` is ready")))
}

/// The same for a model that a guest hands over.
///
/// # Errors
///
/// As above; those that take no models of guests are not there for them.
pub(crate) fn for_guests(
    backends: &[Arc<dyn Backend>],
    encoding: Encoding,
) -> Result<Arc<dyn Backend>> {
    let mut reasons = Vec::new();
    let mut taking = Vec::new();
    for backend in backends.iter().filter(|known| known.reads(encoding)) {
        match backend.declines_guests(encoding) {
            Some(reason) => reasons.push(reason.to_owned()),
            None => taking.push(backend),
        }
    }
    first_ready(taking.into_iter()).map_err(|mut none| {
        if none.named.is_none() {
            reasons.splice(0..0, none.remedy.take());
            none.remedy = (!reasons.is_empty()).then(|| reasons.join("; "));
        }
        none.error(format!(
            "no backend is ready that takes models of guests for `{encoding}`"
        ))
    })
}

/// The first of these backends that is ready.
fn first_ready<'a>(
    backends: impl Iterator<Item = &'a Arc<dyn Backend>>,
) -> Result<Arc<dyn Backend>, NoneReady> {
    let mut none = NoneReady::default();
    for backend in backends {
        let status = backend.status();
        if status.ready {
            return Ok(Arc::clone(backend));
        }
        if status.is_named {
            return Err(NoneReady {
                named: Some(backend.name()),
                remedy: status.remedy,
            });
        }
        none.remedy = none.remedy.or(status.remedy);
    }
    Err(none)
}

/// Why there is no backend.
#[derive(Default)]
struct NoneReady {
    /// The user named this one's library, which cannot be used, so that no other may take its place.
    named: Option<&'static str>,
    /// What would make one ready.
    remedy: Option<String>,
}

impl NoneReady {
    /// What to say unless the user's library is the reason.
    fn error(self, otherwise: String) -> Error {
        let error = Error::unsupported(match self.named {
            Some(name) => format!("`{name}` is not ready"),
            None => otherwise,
        });
        match self.remedy {
            Some(remedy) => error.with_help(remedy),
            None => error,
        }
    }
}

/// The encoding that the first part of a model shows.
///
/// # Errors
///
/// There is no part, or it shows none.
pub(crate) fn detected(sources: &[Source]) -> Result<Encoding> {
    let first = sources
        .first()
        .ok_or_else(|| Error::invalid_argument("a model of no parts was given"))?;
    detect(first)?.ok_or_else(|| {
        let error = Error::invalid_encoding("the encoding of the model is not known");
        match first.path().map(Path::display) {
            Some(path) => error.with_help(format!(
                "name the encoding of `{path}`: onnx, openvino, pytorch, tensorflowlite or ggml"
            )),
            None => error,
        }
    })
}
