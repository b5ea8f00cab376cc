//! Errors, and what guests get of them.

use rusqlite::ffi;

use crate::exports::c12::sqlite::database;

/// Why something did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("there is no database `{0}`")]
    NoSuchDatabase(String),
    #[error("all connections are taken")]
    NoConnection,
    #[error("guests may not use {0}")]
    NotAllowed(String),
    #[error("the statement ran for too long")]
    Late,
    #[error("the query gives more than {0} rows")]
    TooManyRows(usize),
    #[error("the query gives more than {0} bytes")]
    TooManyBytes(usize),
    #[error("a connection has at most {0} statements at a time")]
    TooManyStatements(usize),
    #[error("the values bound to the statements of a connection have more than {0} bytes")]
    TooManyBound(usize),
    #[error("too much is written that cannot go into the file while a transaction lasts")]
    LogFull,
    #[error("the statement has {wanted} parameters, not {given}")]
    Parameters { wanted: usize, given: usize },
    #[error("the statement gives rows; use `query`")]
    GivesRows,
    #[error("the statement gives text that is not UTF-8; `CAST(… AS BLOB)` gives its bytes")]
    NotText,
    #[error("the connection has a transaction already")]
    InTransaction,
    #[error("the transaction was rolled back by an error in it")]
    RolledBack,
    #[error("the connection cannot be used any more: a transaction on it could not be ended")]
    Broken,
    /// The SQL cannot be compiled.
    #[error("{}", told(.0))]
    Compile(rusqlite::Error),
    #[error("{}", told(.0))]
    Sqlite(#[from] rusqlite::Error),
}

impl Error {
    /// SQLite's extended result code.
    fn code(&self) -> i32 {
        match self {
            Error::NotAllowed(_) => ffi::SQLITE_AUTH,
            Error::Late => ffi::SQLITE_INTERRUPT,
            Error::Compile(error) | Error::Sqlite(error) => {
                failure(error).map_or(0, |failure| failure.extended_code)
            }
            _ => 0,
        }
    }
}

/// What SQLite's library returned.
pub(crate) fn failure(error: &rusqlite::Error) -> Option<&ffi::Error> {
    match error {
        rusqlite::Error::SqliteFailure(failure, _) => Some(failure),
        rusqlite::Error::SqlInputError { error, .. } => Some(error),
        _ => None,
    }
}

/// What is wrong, without the whole SQL again.
fn told(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, offset, .. } if *offset > 0 => {
            format!("{msg}, at byte {offset}")
        }
        rusqlite::Error::SqlInputError { msg, .. } => msg.clone(),
        other => other.to_string(),
    }
}

impl From<Error> for database::Error {
    fn from(error: Error) -> Self {
        let (code, message) = (error.code(), error.to_string());
        let case = match &error {
            Error::NoSuchDatabase(name) => return Self::NoSuchDatabase(name.clone()),
            Error::NoConnection => Self::Busy,
            Error::NotAllowed(_) => Self::NotAllowed,
            Error::Late => Self::Timeout,
            Error::TooManyRows(_) | Error::TooManyBytes(_) | Error::TooManyStatements(_) => {
                Self::TooLarge
            }
            Error::TooManyBound(_) | Error::LogFull => Self::TooLarge,
            Error::Broken => Self::Other,
            Error::Parameters { .. } | Error::GivesRows | Error::NotText => Self::Misuse,
            Error::InTransaction => Self::Misuse,
            Error::RolledBack => Self::RolledBack,
            Error::Compile(rusqlite::Error::MultipleStatement) => Self::Misuse,
            // The lower byte is the kind, the rest says more of it.
            Error::Compile(_) | Error::Sqlite(_) => match code & 0xff {
                ffi::SQLITE_CONSTRAINT => Self::Constraint,
                ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => Self::Busy,
                ffi::SQLITE_READONLY => Self::ReadOnly,
                ffi::SQLITE_AUTH => Self::NotAllowed,
                ffi::SQLITE_INTERRUPT => Self::Timeout,
                ffi::SQLITE_TOOBIG | ffi::SQLITE_NOMEM | ffi::SQLITE_FULL => Self::TooLarge,
                ffi::SQLITE_ERROR if matches!(error, Error::Compile(_)) => Self::Syntax,
                _ => Self::Other,
            },
        };
        case(database::Failure { code, message })
    }
}
