//! One guest's use of a connection.

use std::cell::Cell;
use std::sync::Arc;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, ErrorCode};

use crate::config::Limits;
use crate::error::{Error, failure};
use crate::exports::c12::sqlite::database::{Row, Rows, Value};
use crate::pool::Taken;

/// What a value takes besides its text or bytes, for the count of what a query gives.
const OVERHEAD: usize = 16;

/// A connection that was taken from the pool, and goes back when this is dropped.
#[derive(Debug)]
pub(crate) struct Session {
    taken: Taken,
    limits: Arc<Limits>,
    /// A `transaction` is alive.
    in_transaction: bool,
    /// Bytes of the values that are bound to statements.
    bound: usize,
    /// A transaction could not be ended.
    broken: Cell<bool>,
}

impl Session {
    pub(crate) fn new(taken: Taken, limits: Arc<Limits>) -> Self {
        Session {
            taken,
            limits,
            in_transaction: false,
            bound: 0,
            broken: Cell::new(false),
        }
    }

    /// Counts the values that a statement keeps instead of those that it had. If they are too much, nothing changes.
    pub(crate) fn account(&mut self, before: &[Value], now: &[Value]) -> Result<(), Error> {
        let most = self.limits.bytes as usize;
        let others = self.bound.saturating_sub(size(before));
        let bound = others.saturating_add(size(now));
        if bound > most {
            return Err(Error::TooManyBound(most));
        }
        self.bound = bound;
        Ok(())
    }

    /// Compiles a statement, which stays in the connection's cache. Returns its columns, and how many parameters it has.
    pub(crate) fn prepare(&self, sql: &str) -> Result<(Vec<String>, usize), Error> {
        self.guarded(|| {
            let statement = self.compile(sql)?;
            Ok((columns(&statement), statement.parameter_count()))
        })
    }

    /// Runs a statement that gives no rows. Returns how many it changed.
    pub(crate) fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, Error> {
        self.guarded(|| {
            let mut statement = self.compile(sql)?;
            if statement.column_count() > 0 {
                return Err(Error::GivesRows);
            }
            self.check_log(&statement)?;
            bind(&mut statement, values)?;
            // What is no INSERT, UPDATE or DELETE leaves the count of the last one as it is.
            let before = self.taken.connection.total_changes();
            let changed = statement.raw_execute()?;
            let any = self.taken.connection.total_changes() != before;
            Ok(if any { changed as u64 } else { 0 })
        })
    }

    /// Runs a statement and takes its rows.
    pub(crate) fn query(&self, sql: &str, values: &[Value]) -> Result<Rows, Error> {
        self.guarded(|| {
            let mut statement = self.compile(sql)?;
            self.check_log(&statement)?;
            bind(&mut statement, values)?;
            // `INSERT … RETURNING` changes everything before its first row. If there are too many rows, that must be
            // taken back.
            let changes = !statement.readonly() && statement.column_count() > 0;
            if changes {
                self.itself("SAVEPOINT c12")?;
            }
            let result = self.collect(&mut statement);
            drop(statement);
            // After some errors SQLite has rolled everything back, and there is no savepoint any more.
            if changes && !self.taken.connection.is_autocommit() {
                self.leave_savepoint(result.is_ok())?;
            }
            result
        })
    }

    /// Ends the savepoint of a query. If that fails, at least what happened in it is taken back.
    fn leave_savepoint(&self, keep: bool) -> Result<(), Error> {
        const TAKE_BACK: &str = "ROLLBACK TO c12; RELEASE c12";
        let left = self.itself(if keep { "RELEASE c12" } else { TAKE_BACK });
        if left.is_err() && !(keep && self.itself(TAKE_BACK).is_ok()) {
            // What comes next must not be part of it.
            self.abandon();
        }
        left
    }

    /// Ends whatever transaction there is, or else the use of the connection.
    fn abandon(&self) {
        let ended = self.taken.connection.is_autocommit() || self.itself("ROLLBACK").is_ok();
        self.broken.set(!ended);
    }

    fn collect(&self, statement: &mut CachedStatement<'_>) -> Result<Rows, Error> {
        let columns = columns(statement);
        let (most, most_bytes) = (self.limits.rows, self.limits.bytes as usize);
        let count = columns.len();
        let mut bytes = 0_usize;
        let mut rows = Vec::new();
        let mut found = statement.raw_query();
        while let Some(row) = found.next()? {
            if rows.len() == most {
                return Err(Error::TooManyRows(most));
            }
            let mut values = Vec::with_capacity(count);
            for column in 0..count {
                let value = row.get_ref(column)?;
                bytes = bytes.saturating_add(OVERHEAD + length(value));
                // Before it is copied.
                if bytes > most_bytes {
                    return Err(Error::TooManyBytes(most_bytes));
                }
                values.push(to_guest(value)?);
            }
            rows.push(Row { values });
        }
        Ok(Rows { columns, rows })
    }

    pub(crate) fn last_insert_rowid(&self) -> i64 {
        self.taken.connection.last_insert_rowid()
    }

    /// Begins a transaction.
    pub(crate) fn begin(&mut self) -> Result<(), Error> {
        if self.broken.get() {
            return Err(Error::Broken);
        }
        if self.in_transaction {
            return Err(Error::InTransaction);
        }
        self.itself("BEGIN")?;
        self.in_transaction = true;
        Ok(())
    }

    /// Ends the transaction, whatever happens.
    pub(crate) fn commit(&mut self) -> Result<(), Error> {
        if self.taken.connection.is_autocommit() {
            self.in_transaction = false;
            return Err(Error::RolledBack);
        }
        // A constraint that is checked at the end, or somebody else's lock.
        let result = self.itself("COMMIT");
        if result.is_err() {
            self.rollback()?;
        }
        self.in_transaction = false;
        result
    }

    /// Ends the transaction and takes back what happened in it.
    pub(crate) fn rollback(&mut self) -> Result<(), Error> {
        self.in_transaction = false;
        if self.taken.connection.is_autocommit() {
            return Ok(());
        }
        let result = self.itself("ROLLBACK");
        self.broken.set(result.is_err());
        result
    }

    /// What writes makes the log grow, which SQLite itself does not limit.
    fn check_log(&self, statement: &CachedStatement<'_>) -> Result<(), Error> {
        if !statement.readonly() && self.taken.log_is_full() {
            return Err(Error::LogFull);
        }
        Ok(())
    }

    fn compile(&self, sql: &str) -> Result<CachedStatement<'_>, Error> {
        self.taken
            .connection
            .prepare_cached(sql)
            .map_err(Error::Compile)
    }

    /// Runs SQL of the plugin's own.
    fn itself(&self, sql: &str) -> Result<(), Error> {
        let run = || self.taken.connection.execute_batch(sql);
        Ok(self.taken.guard.as_itself(run)?)
    }

    /// Does something with SQL of the guest, within the limits.
    fn guarded<T>(&self, what: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        if self.broken.get() {
            return Err(Error::Broken);
        }
        // SQLite ends a transaction by itself after some errors. What follows must not last without the rest.
        if self.in_transaction && self.taken.connection.is_autocommit() {
            return Err(Error::RolledBack);
        }
        let guard = &self.taken.guard;
        guard.begin(self.limits.time);
        let result = what();
        match (result, guard.end()) {
            // SQLite's message is another for each of these.
            (Err(Error::Compile(_) | Error::Sqlite(_)), Some(refused)) => {
                Err(Error::NotAllowed(refused))
            }
            (Err(Error::Compile(error) | Error::Sqlite(error)), None)
                if failure(&error).is_some_and(|it| it.code == ErrorCode::OperationInterrupted) =>
            {
                // Nothing else interrupts.
                Err(Error::Late)
            }
            (result, _) => result,
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The pool throws a connection away that is still in a transaction.
        if self.in_transaction {
            let _ = self.rollback();
        }
    }
}

fn columns(statement: &CachedStatement<'_>) -> Vec<String> {
    let names = statement.column_names();
    names.into_iter().map(str::to_owned).collect()
}

fn bind(statement: &mut CachedStatement<'_>, values: &[Value]) -> Result<(), Error> {
    let (wanted, given) = (statement.parameter_count(), values.len());
    if wanted != given {
        return Err(Error::Parameters { wanted, given });
    }
    for (place, value) in (1_usize..).zip(values) {
        let value = ToSqlOutput::Borrowed(match value {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Real(number) => ValueRef::Real(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        });
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(())
}

/// What values take while they are kept.
fn size(values: &[Value]) -> usize {
    let sizes = values.iter().map(|value| match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        Value::Null | Value::Integer(_) | Value::Real(_) => 0,
    });
    sizes.fold(0, usize::saturating_add)
}

fn length(value: ValueRef<'_>) -> usize {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
        _ => 0,
    }
}

fn to_guest(value: ValueRef<'_>) -> Result<Value, Error> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => return Err(Error::NotText),
        },
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::limits::Limit;

    use super::*;
    use crate::config::tests::config;
    use crate::pool::Pool;

    fn session() -> (tempfile::TempDir, Session) {
        let folder = tempfile::tempdir().unwrap();
        let limits = config(&[]).unwrap().limits;
        let pool = Pool::open(&folder.path().join("a.db"), &limits).unwrap();
        let session = Session::new(pool.take().unwrap(), pool.limits().clone());
        session.execute("CREATE TABLE t (a)", &[]).unwrap();
        (folder, session)
    }

    /// As if there were no memory for it: no statement is short enough.
    fn nothing_can_be_ended(session: &Session) {
        let connection = &session.taken.connection;
        connection
            .set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, 1)
            .unwrap();
    }

    #[test]
    fn what_cannot_be_cleaned_up_is_rolled_back() {
        let (_folder, session) = session();
        // The savepoint is not there, so that leaving it fails.
        session.itself("BEGIN; INSERT INTO t VALUES (1)").unwrap();
        session.leave_savepoint(true).unwrap_err();
        assert!(session.taken.connection.is_autocommit());
        let found = session.query("SELECT a FROM t", &[]).unwrap();
        assert!(found.rows.is_empty());
    }

    #[test]
    fn what_cannot_be_rolled_back_either_is_not_used_any_more() {
        for cleaned_up in [false, true] {
            let (_folder, mut session) = session();
            session.begin().unwrap();
            nothing_can_be_ended(&session);
            if cleaned_up {
                session.leave_savepoint(false).unwrap_err();
            } else {
                session.rollback().unwrap_err();
            }
            for result in [
                session.execute("INSERT INTO t VALUES (1)", &[]).map(drop),
                session.query("SELECT 1", &[]).map(drop),
                session.begin(),
            ] {
                assert!(matches!(result, Err(Error::Broken)), "{result:?}");
            }
        }
    }
}
