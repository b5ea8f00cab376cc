//! Connections, kept for the next guest.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use c12_plugin::log;
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags};
use scheduled_thread_pool::ScheduledThreadPool;

use crate::config::Limits;
use crate::error::Error;
use crate::guard::Guard;

/// How many steps of SQLite's machine pass between two looks at the clock: some ten microseconds.
const STEPS: i32 = 1_000;

/// The connections to one database.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    pool: r2d2::Pool<Manager>,
    pub(crate) limits: Arc<Limits>,
}

/// A connection that is taken.
pub(crate) type Taken = r2d2::PooledConnection<Manager>;

/// A connection with what watches it.
#[derive(Debug)]
pub(crate) struct Guarded {
    pub(crate) connection: Connection,
    pub(crate) guard: Guard,
}

/// Makes connections to one database.
#[derive(Debug)]
pub(crate) struct Manager {
    file: PathBuf,
    limits: Arc<Limits>,
}

impl Pool {
    /// A pool for a database, which is made if it is not there.
    pub(crate) fn open(file: &Path, limits: &Limits) -> c12_plugin::Result<Self> {
        let limits = Arc::new(limits.clone());
        let manager = Manager {
            file: file.to_owned(),
            limits: limits.clone(),
        };
        // What is wrong with the file shows here, with a better message than when a guest waits for the pool.
        let first = manager.connect()?;
        if !limits.read_only {
            // With it readers go on while somebody writes.
            first
                .guard
                .as_itself(|| first.connection.pragma_update(None, "journal_mode", "wal"))?;
        }
        drop(first);
        let pool = r2d2::Pool::builder()
            .max_size(limits.connections)
            .min_idle(Some(0))
            .max_lifetime(None)
            .idle_timeout(None)
            // The pool opens connections on a thread of its own; one is enough.
            .thread_pool(Arc::new(ScheduledThreadPool::new(1)))
            .connection_timeout(limits.busy_timeout)
            .error_handler(Box::new(Warn))
            .build_unchecked(manager);
        Ok(Pool { pool, limits })
    }

    /// Takes a connection, and waits for one if there is none.
    pub(crate) fn take(&self) -> Result<Taken, Error> {
        self.pool.get().map_err(|_| Error::NoConnection)
    }
}

/// Puts errors of the pool's thread into the host's log.
#[derive(Debug)]
struct Warn;

impl r2d2::HandleError<rusqlite::Error> for Warn {
    fn handle_error(&self, error: rusqlite::Error) {
        log::warn!("cannot connect: {error}");
    }
}

impl Manager {
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
        let late = guard.clone();
        connection.progress_handler(STEPS, Some(move || late.is_late()))?;
        let authorizer = guard.clone();
        connection.authorizer(Some(move |context: rusqlite::hooks::AuthContext<'_>| {
            authorizer.authorize(&context)
        }))?;
        Ok(Guarded { connection, guard })
    }
}

impl r2d2::ManageConnection for Manager {
    type Connection = Guarded;
    type Error = rusqlite::Error;

    fn connect(&self) -> rusqlite::Result<Guarded> {
        Manager::connect(self)
    }

    fn is_valid(&self, _: &mut Guarded) -> rusqlite::Result<()> {
        // There is no network that a file could be lost over.
        Ok(())
    }

    fn has_broken(&self, taken: &mut Guarded) -> bool {
        // A transaction that could not be ended must not be the next guest's.
        !taken.connection.is_autocommit()
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
