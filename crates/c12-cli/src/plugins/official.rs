#[cfg(any(
    feature = "crypto",
    feature = "logging",
    feature = "nn",
    feature = "process"
))]
use std::sync::Arc;

use super::Loaded;

/// The plugins that are part of this program, in the order in which they are asked. With `json`, what they have to say
/// is for machines.
pub(crate) fn official(json: bool) -> Vec<Loaded> {
    let all: &[fn(bool) -> Loaded] = &[
        #[cfg(feature = "crypto")]
        |_| Loaded::built_in(Arc::new(c12_crypto::Crypto), &c12_crypto::WIT),
        #[cfg(feature = "process")]
        |_| Loaded::built_in(Arc::new(c12_process::Process), &c12_process::WIT),
        #[cfg(feature = "logging")]
        |_| Loaded::built_in(Arc::new(c12_logging::Logging), &c12_logging::WIT),
        #[cfg(feature = "nn")]
        |json| Loaded::built_in(Arc::new(nn(json)), &c12_nn::WIT),
    ];
    all.iter().map(|make| make(json)).collect()
}

/// Guests learn from `nn` that something failed; what would mend it is for the user.
#[cfg(feature = "nn")]
fn nn(json: bool) -> c12_nn::Nn {
    use crate::report::Warning;

    c12_nn::Nn::new().tell(move |trouble| {
        let c12_nn::Trouble {
            message,
            cause,
            help,
        } = trouble.clone();
        Warning {
            message: format!("plugin `nn`: {message}"),
            cause,
            help,
        }
        .print(json);
    })
}
