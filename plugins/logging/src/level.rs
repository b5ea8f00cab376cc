use std::str::FromStr;

use wasmtime::component::{ComponentType, Lift};

/// How much a message matters, least first. The order is that of `wasi:logging`, where the numbers come from too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ComponentType, Lift)]
#[component(enum)]
#[repr(u8)]
pub enum Level {
    /// Values and the way through a program.
    #[component(name = "trace")]
    Trace,
    /// For whoever debugs the guest.
    #[component(name = "debug")]
    Debug,
    /// For whoever watches it.
    #[component(name = "info")]
    Info,
    /// Something may go wrong.
    #[component(name = "warn")]
    Warn,
    /// Something went wrong.
    #[component(name = "error")]
    Error,
    /// The guest cannot go on. An error for `tracing`, which knows nothing above, with the field `critical`.
    #[component(name = "critical")]
    Critical,
}

impl Level {
    /// All of them, least first.
    pub const ALL: [Level; 6] = [
        Level::Trace,
        Level::Debug,
        Level::Info,
        Level::Warn,
        Level::Error,
        Level::Critical,
    ];

    /// As the interface spells it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Trace => "trace",
            Level::Debug => "debug",
            Level::Info => "info",
            Level::Warn => "warn",
            Level::Error => "error",
            Level::Critical => "critical",
        }
    }

    /// The level with that number in the interface.
    pub fn from_number(number: u32) -> Option<Self> {
        Level::ALL.get(usize::try_from(number).ok()?).copied()
    }
}

/// There is no level of that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be trace, debug, info, warn, error or critical")]
pub struct UnknownLevel;

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(name: &str) -> Result<Self, UnknownLevel> {
        Level::ALL
            .into_iter()
            .find(|level| level.name() == name)
            .ok_or(UnknownLevel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_those_of_the_interface() {
        for (number, level) in (0..).zip(Level::ALL) {
            assert_eq!(Level::from_number(number), Some(level));
            assert_eq!(level.name().parse(), Ok(level));
            assert_eq!(level as u32, number);
        }
        assert_eq!(Level::from_number(6), None);
        assert_eq!("fatal".parse::<Level>(), Err(UnknownLevel));
    }
}
