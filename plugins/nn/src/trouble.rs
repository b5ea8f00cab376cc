//! What goes wrong and cannot be said by the guest: the interface for core modules has numbers for errors, and the line
//! that would mend one may name paths of the host.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use c12_nn_core::Error;

/// Something that the user should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What did not work.
    pub message: String,
    /// Why.
    pub cause: String,
    /// The one line that would mend it.
    pub help: Option<String>,
}

/// Is told of every trouble.
pub(crate) type Listener = Arc<dyn Fn(&Trouble) + Send + Sync>;

/// What one instance has told so far: each thing once, and not too many of them.
pub(crate) struct Reporter {
    listener: Option<Listener>,
    told: Mutex<BTreeSet<String>>,
}

impl Reporter {
    /// A guest that fails again and again has made its point.
    const MOST: usize = 16;

    pub(crate) fn new(listener: Option<Listener>) -> Self {
        Reporter {
            listener,
            told: Mutex::default(),
        }
    }

    /// Tells it, unless that was done before.
    pub(crate) fn tell(&self, what: &str, error: &Error) {
        tracing::debug!(
            target: "c12::nn",
            code = error.code().name(),
            help = error.help(),
            "{what}: {error}"
        );
        let message = format!("{what} failed");
        {
            let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
            let key = format!("{message}: {}", shortened(error.message()));
            if told.len() >= Self::MOST || !told.insert(key) {
                return;
            }
        }
        let trouble = Trouble {
            message,
            cause: shortened(error.message()).to_owned(),
            help: error.help().map(str::to_owned),
        };
        match &self.listener {
            Some(listener) => listener(&trouble),
            None => {
                tracing::warn!(
                    target: "c12::nn",
                    cause = trouble.cause,
                    help = trouble.help,
                    "{}",
                    trouble.message
                );
            }
        }
    }
}

/// Messages may repeat what a guest passed, which may be long.
pub(crate) fn shortened(message: &str) -> &str {
    const LONGEST: usize = 4096;
    message
        .get(..message.floor_char_boundary(LONGEST))
        .unwrap_or(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_trouble_is_told_once_and_a_flood_is_not() {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let listener = {
            let heard = Arc::clone(&heard);
            move |trouble: &Trouble| heard.lock().unwrap().push(trouble.clone())
        };
        let reporter = Reporter::new(Some(Arc::new(listener)));
        let error = Error::not_found("there is no model `x`").with_help("name one");
        reporter.tell("`load_by_name`", &error);
        reporter.tell("`load_by_name`", &error);
        {
            let heard = heard.lock().unwrap();
            assert_eq!(heard.len(), 1);
            assert_eq!(heard[0].message, "`load_by_name` failed");
            assert_eq!(heard[0].help.as_deref(), Some("name one"));
        }
        for number in 0..1000 {
            reporter.tell("`compute`", &Error::runtime(number.to_string()));
        }
        assert_eq!(heard.lock().unwrap().len(), Reporter::MOST);
    }
}
