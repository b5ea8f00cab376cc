/// Why there are no bindings for a world.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The WIT cannot be read or parsed, or has no such world.
    #[error("{message}")]
    Wit {
        /// What the parser says, with the place in the source.
        message: String,
    },
    /// The world imports something that must be provided to it. A plugin's world only exports; interfaces
    /// with nothing but types may be imported.
    #[error(
        "the world `{world}` imports {what}; the world of a plugin only exports, and imports nothing but types"
    )]
    Import {
        /// The world.
        world: String,
        /// What it imports.
        what: String,
    },
    /// The world exports nothing.
    #[error("the world `{world}` exports no function")]
    Empty {
        /// The world.
        world: String,
    },
    /// A type or function that this version of the ABI, or a language, has no form for.
    #[error("`{item}` cannot be provided by a plugin: {what}")]
    Unsupported {
        /// The type or function.
        item: String,
        /// What about it.
        what: String,
    },
    /// A function that was named in [`Options::blocking`](crate::Options) is not in the world.
    #[error("`{name}` is said to block, but the world has no such function")]
    NotThere {
        /// As it was given.
        name: String,
        /// What the world has.
        known: Vec<String>,
    },
}

impl Error {
    pub(crate) fn unsupported(item: impl Into<String>, what: impl Into<String>) -> Self {
        Error::Unsupported {
            item: item.into(),
            what: what.into(),
        }
    }

    pub(crate) fn wit(message: impl Into<String>) -> Self {
        Error::Wit {
            message: message.into(),
        }
    }
}
