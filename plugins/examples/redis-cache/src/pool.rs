//! Connections, kept for the next call.
//!
//! It has no threads of its own: what is connected is connected by the call that needs it, within its time.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use std::{fmt, io};

use c12_plugin::log;
use redis::{Client, Connection, ConnectionLike, ErrorKind, RedisError, RedisResult, Value};

use crate::error::Error;

/// Whether something may be done twice: when a connection is lost, nobody knows whether the server did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeat {
    /// The second time changes nothing.
    Harmless,
    /// It must happen once or not at all.
    Never,
}

/// The connections to a server.
pub(crate) struct Pool {
    client: Client,
    timeout: Duration,
    most: usize,
    state: Mutex<State>,
    given_back: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Connection>,
    taken: usize,
}

/// The right to use one connection.
struct Permit<'p> {
    pool: &'p Pool,
}

/// A connection on which each command has the time that is left.
pub(crate) struct Timed<'c> {
    connection: &'c mut Connection,
    until: Instant,
}

impl Pool {
    /// A pool for the server at a URL. It does not connect yet.
    pub(crate) fn new(url: &str, timeout: Duration, most: usize) -> c12_plugin::Result<Self> {
        // The error says what is wrong, not what the URL is: it may have a password.
        let client = Client::open(url)
            .map_err(|error| c12_plugin::Error::from(error).context("the setting `url`"))?;
        Ok(Pool {
            client,
            timeout,
            most,
            state: Mutex::default(),
            given_back: Condvar::new(),
        })
    }

    /// When a call that begins now must have ended.
    pub(crate) fn until(&self) -> Instant {
        Instant::now() + self.timeout
    }

    /// Does something with a connection. No command is sent and no answer is waited for after `until`. What that does
    /// not end is the look-up of the server's name, and an answer that goes on coming in small pieces.
    pub(crate) fn run<T>(
        &self,
        until: Instant,
        repeat: Repeat,
        mut work: impl FnMut(&mut Timed<'_>) -> RedisResult<T>,
    ) -> Result<T, Error> {
        let _permit = self.permit(until)?;
        while let Some(mut kept) = self.idle() {
            let mut server = Timed {
                connection: &mut kept,
                until,
            };
            // The server may have gone since, or be another by now. What must not happen twice is only sent where
            // somebody answers.
            let answers = repeat == Repeat::Harmless || kept_answers(&mut server);
            let result = answers.then(|| work(&mut server));
            match result {
                Some(Err(error)) if is_late(&error) => return Err(self.late()),
                Some(Err(error)) if is_lost(&error) && repeat == Repeat::Never => {
                    return Err(Error::Lost(error));
                }
                Some(result) if !result.as_ref().is_err_and(is_lost) => {
                    return self.finish(kept, result);
                }
                // What is kept beside it is as old.
                _ => self.forget(),
            }
        }
        let mut fresh = self.connect(until)?;
        let mut server = Timed {
            connection: &mut fresh,
            until,
        };
        match work(&mut server) {
            Err(error) if is_late(&error) => Err(self.late()),
            Err(error) if is_lost(&error) => Err(Error::Lost(error)),
            result => self.finish(fresh, result),
        }
    }

    /// The server has answered: the connection is good for more.
    fn finish<T>(&self, connection: Connection, result: RedisResult<T>) -> Result<T, Error> {
        self.state().idle.push(connection);
        result.map_err(Error::Refused)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until fewer than the most connections are in use.
    fn permit(&self, until: Instant) -> Result<Permit<'_>, Error> {
        let mut state = self.state();
        while state.taken >= self.most {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::NoConnection);
            }
            let waited = self.given_back.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.taken += 1;
        Ok(Permit { pool: self })
    }

    fn idle(&self) -> Option<Connection> {
        self.state().idle.pop()
    }

    fn forget(&self) {
        let old = std::mem::take(&mut self.state().idle);
        // Closing them needs no lock.
        drop(old);
    }

    fn connect(&self, until: Instant) -> Result<Connection, Error> {
        let connected = self.client.get_connection_with_timeout(self.left(until)?);
        connected.map_err(|error| {
            log::debug!(
                "cannot connect to {}: {error}",
                self.client.get_connection_info().addr()
            );
            if is_late(&error) {
                self.late()
            } else {
                Error::Unreachable(error)
            }
        })
    }

    fn left(&self, until: Instant) -> Result<Duration, Error> {
        left(until).ok_or_else(|| self.late())
    }

    fn late(&self) -> Error {
        Error::Late(self.timeout.as_millis())
    }
}

impl Timed<'_> {
    /// Each wait for the server ends when the call must.
    fn limit(&self) -> RedisResult<()> {
        let left = left(self.until).ok_or_else(|| io::Error::from(io::ErrorKind::TimedOut))?;
        self.connection.set_read_timeout(Some(left))?;
        self.connection.set_write_timeout(Some(left))
    }
}

impl ConnectionLike for Timed<'_> {
    fn req_packed_command(&mut self, cmd: &[u8]) -> RedisResult<Value> {
        self.limit()?;
        self.connection.req_packed_command(cmd)
    }

    fn req_packed_commands(
        &mut self,
        cmd: &[u8],
        offset: usize,
        count: usize,
    ) -> RedisResult<Vec<Value>> {
        self.limit()?;
        self.connection.req_packed_commands(cmd, offset, count)
    }

    fn get_db(&self) -> i64 {
        self.connection.get_db()
    }

    fn check_connection(&mut self) -> bool {
        self.limit().is_ok() && self.connection.check_connection()
    }

    fn is_open(&self) -> bool {
        self.connection.is_open()
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.pool.state().taken -= 1;
        self.pool.given_back.notify_one();
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client knows the password.
        f.debug_struct("Pool")
            .field("timeout", &self.timeout)
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

/// The time that is left; none instead of zero.
fn left(until: Instant) -> Option<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    (!left.is_zero()).then_some(left)
}

fn kept_answers(server: &mut Timed<'_>) -> bool {
    redis::cmd("PING").query::<String>(server).is_ok()
}

fn is_late(error: &RedisError) -> bool {
    error.is_timeout()
}

/// Whether the connection can no longer be used: it ended, or what came is not what Redis says.
fn is_lost(error: &RedisError) -> bool {
    error.is_io_error() || matches!(error.kind(), ErrorKind::Parse | ErrorKind::Client)
}
