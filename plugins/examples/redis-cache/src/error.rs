//! Errors, and what guests get of them.

use redis::RedisError;

use crate::exports::wasi::{keyvalue0_2_0_draft, keyvalue0_2_0_draft2};

/// Why something did not happen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("there is no such bucket")]
    NoSuchStore,
    #[error("the bucket is only read")]
    AccessDenied,
    // Where the server is remains the host's affair.
    #[error("the Redis server cannot be reached: {0}")]
    Unreachable(RedisError),
    #[error("the Redis server did not answer within {0} ms")]
    Late(u128),
    #[error("the connection to the Redis server was lost: {0}")]
    Lost(RedisError),
    #[error("all connections to the Redis server are taken")]
    NoConnection,
    #[error("a key has at most {0} bytes")]
    KeyTooLarge(usize),
    #[error("a value has at most {0} bytes")]
    ValueTooLarge(usize),
    #[error("one call has at most {0} keys")]
    TooManyKeys(usize),
    #[error("the keys and values of one call have at most {0} bytes")]
    BatchTooLarge(usize),
    #[error("the value is not an integer of 64 bits, or the sum would not be one")]
    NotANumber,
    #[error("the cursor is not one that `list-keys` gave")]
    Cursor,
    #[error("a guest has at most {0} handles for compare and swap at a time")]
    TooManyHandles(usize),
    #[error("the Redis server refused: {0}")]
    Refused(RedisError),
}

/// For each draft, its own type.
macro_rules! into_draft {
    ($($draft:ident)*) => { $(
        impl From<Error> for $draft::store::Error {
            fn from(error: Error) -> Self {
                match error {
                    Error::NoSuchStore => Self::NoSuchStore,
                    Error::AccessDenied => Self::AccessDenied,
                    other => Self::Other(other.to_string()),
                }
            }
        }
    )* };
}

into_draft!(keyvalue0_2_0_draft keyvalue0_2_0_draft2);
