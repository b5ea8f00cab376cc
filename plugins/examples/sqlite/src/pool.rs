//! Connections, kept for the next guest.
//!
//! There is no thread: a connection is opened by the call that needs it.

use std::ffi::OsString;
use std::fmt;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use c12_plugin::log;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};

use crate::config::Limits;
use crate::error::Error;
use crate::functions;
use crate::guard::Guard;

/// How many steps of SQLite's machine pass between two looks at the clock: some ten microseconds.
const STEPS: i32 = 1_000;

/// The connections to one database.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    file: PathBuf,
    /// What was written and is not in the file yet.
    log: PathBuf,
    limits: Arc<Limits>,
    state: Mutex<State>,
    given_back: Condvar,
}

#[derive(Debug, Default)]
struct State {
    idle: Vec<Guarded>,
    taken: u32,
}

/// A connection with what watches it.
#[derive(Debug)]
pub(crate) struct Guarded {
    pub(crate) connection: Connection,
    pub(crate) guard: Guard,
}

/// The right to use one connection.
struct Permit {
    shared: Arc<Shared>,
}

/// A connection that is taken. It goes back when this is dropped.
pub(crate) struct Taken {
    /// There until the drop.
    guarded: Option<Guarded>,
    /// Goes back after the connection has.
    permit: Permit,
}

impl Pool {
    /// A pool for a database, which is made if it is not there.
    pub(crate) fn open(file: &Path, limits: &Limits) -> c12_plugin::Result<Self> {
        let mut log = OsString::from(file);
        log.push("-wal");
        let shared = Shared {
            file: file.to_owned(),
            log: log.into(),
            limits: Arc::new(limits.clone()),
            state: Mutex::default(),
            given_back: Condvar::new(),
        };
        // What is wrong with the file shows here, with a better message than a guest gets.
        let first = shared.connect()?;
        if !limits.read_only {
            // With it readers go on while somebody writes.
            first
                .guard
                .as_itself(|| first.connection.pragma_update(None, "journal_mode", "wal"))?;
        }
        Ok(Pool {
            shared: Arc::new(shared),
        })
    }

    pub(crate) fn limits(&self) -> &Arc<Limits> {
        &self.shared.limits
    }

    /// Takes a connection, and waits for one if all are taken.
    pub(crate) fn take(&self) -> Result<Taken, Error> {
        // If it cannot connect, the permit goes back.
        let permit = self.permit()?;
        let idle = self.shared.state().idle.pop();
        let guarded = match idle {
            Some(guarded) => guarded,
            None => self.shared.connect().inspect_err(|error| {
                log::warn!("cannot connect: {error}");
            })?,
        };
        Ok(Taken {
            guarded: Some(guarded),
            permit,
        })
    }

    /// Waits until fewer than the most connections are in use.
    fn permit(&self) -> Result<Permit, Error> {
        let limits = &self.shared.limits;
        let until = Instant::now() + limits.busy_timeout;
        let mut state = self.shared.state();
        while state.taken >= limits.connections {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::NoConnection);
            }
            let waited = self.shared.given_back.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.taken += 1;
        Ok(Permit {
            shared: self.shared.clone(),
        })
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connect(&self) -> rusqlite::Result<Guarded> {
        let access = if self.limits.read_only {
            OpenFlags::SQLITE_OPEN_READ_ONLY
        } else {
            OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE
        };
        // One thread at a time has it, so SQLite needs no lock of its own.
        let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut connection = Connection::open_with_flags(&self.file, flags)?;
        connection.busy_timeout(self.limits.busy_timeout)?;
        limit(&connection, &self.limits)?;

        // From here on all that is compiled is looked at.
        let guard = Guard::default();
        functions::replace(&connection, &guard, self.limits.bytes)?;
        let late = guard.clone();
        connection.progress_handler(STEPS, Some(move || late.is_late()))?;
        let authorizer = guard.clone();
        connection.authorizer(Some(move |context: rusqlite::hooks::AuthContext<'_>| {
            authorizer.authorize(&context)
        }))?;
        Ok(Guarded { connection, guard })
    }
}

impl Taken {
    /// Whether what was written and is not in the file yet has become too much. It stays beside the file as long as
    /// anybody reads what was there before.
    pub(crate) fn log_is_full(&self) -> bool {
        let shared = &self.permit.shared;
        let full = || {
            std::fs::metadata(&shared.log).is_ok_and(|log| {
                i64::try_from(log.len()).is_ok_and(|it| it > shared.limits.database)
            })
        };
        if !full() {
            return false;
        }
        // SQLite uses the file again from its beginning, but does not make it shorter by itself. This fails while
        // somebody reads, or when it is this connection that writes.
        let _ = self.guard.as_itself(|| {
            let truncate = "PRAGMA wal_checkpoint(TRUNCATE)";
            self.connection.query_row(truncate, [], |_| Ok(()))
        });
        full()
    }
}

impl Deref for Taken {
    type Target = Guarded;

    fn deref(&self) -> &Guarded {
        match &self.guarded {
            Some(guarded) => guarded,
            // Only `drop` takes it.
            None => unreachable!(),
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        // A transaction that could not be ended must not be the next guest's.
        if let Some(guarded) = self.guarded.take()
            && guarded.connection.is_autocommit()
        {
            self.permit.shared.state().idle.push(guarded);
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.shared.state().taken -= 1;
        self.shared.given_back.notify_one();
    }
}

impl fmt::Debug for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Taken").field(&self.guarded).finish()
    }
}

/// Sets what SQLite itself watches.
fn limit(connection: &Connection, limits: &Limits) -> rusqlite::Result<()> {
    // No SQL may damage the file, and what is written in its schema is trusted no more than the guest.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // "name" is a column, or an error; not a text if there is no such column.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, false)?;
    for (limit, value) in [
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_LENGTH, limits.bytes),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 100),
        (Limit::SQLITE_LIMIT_COLUMN, 200),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 32),
        // Matching takes time that grows with the pattern, and the clock is not looked at meanwhile.
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100),
        (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 1_000),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 10),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, value)?;
    }
    // What does not fit into memory would go into a file outside the database.
    connection.pragma_update(None, "temp_store", "memory")?;
    // For all connections of this library together.
    connection.pragma_update(None, "hard_heap_limit", limits.memory)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    connection.pragma_update(None, "max_page_count", limits.database / page.max(512))?;
    Ok(())
}
