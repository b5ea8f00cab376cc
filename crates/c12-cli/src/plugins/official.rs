#[cfg(any(feature = "crypto", feature = "logging", feature = "process"))]
use std::sync::Arc;

use super::Loaded;

/// The plugins that are part of this program, in the order in which they are asked.
pub(crate) fn official() -> Vec<Loaded> {
    let all: &[fn() -> Loaded] = &[
        #[cfg(feature = "crypto")]
        || Loaded::built_in(Arc::new(c12_crypto::Crypto), &c12_crypto::WIT),
        #[cfg(feature = "process")]
        || Loaded::built_in(Arc::new(c12_process::Process), &c12_process::WIT),
        #[cfg(feature = "logging")]
        || Loaded::built_in(Arc::new(c12_logging::Logging), &c12_logging::WIT),
    ];
    all.iter().map(|make| make()).collect()
}
