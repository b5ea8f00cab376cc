//! The resources that guests hold.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use c12_plugin::{Own, Result};

use crate::Databases;
use crate::error::Error;
use crate::exports::c12::sqlite::database::{
    self, Guest, GuestConnection, GuestStatement, GuestTransaction, Rows, Value,
};
use crate::session::Session;

/// How many statements and transactions of a connection may be alive. Each keeps its SQL and its values.
const MOST: usize = 100;

/// What a guest can handle.
type Answer<T> = std::result::Result<T, database::Error>;

/// What the resources of one connection share: the guest may drop them in any order.
#[derive(Debug, Clone)]
struct Shared(Arc<Mutex<Session>>);

impl Shared {
    /// Functions of one guest are called one after another, so nobody waits here.
    fn session(&self) -> MutexGuard<'_, Session> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection of the pool.
#[derive(Debug)]
pub struct Connection(Shared);

/// SQL that was compiled, and the values of its parameters. The compiled form is in the connection's cache.
#[derive(Debug)]
pub struct Statement {
    shared: Shared,
    sql: String,
    columns: Vec<String>,
    values: Vec<Value>,
}

/// A transaction that is not ended.
#[derive(Debug)]
pub struct Transaction {
    shared: Shared,
    ended: bool,
}

impl Guest for Databases {
    type Connection = Connection;
    type Statement = Statement;
    type Transaction = Transaction;
}

impl GuestConnection for Connection {
    type Instance = Databases;

    fn open(instance: &mut Databases, name: &str) -> Result<Answer<Own<Self>>> {
        let open = || {
            let pool = instance.pools.get(name);
            let pool = pool.ok_or_else(|| Error::NoSuchDatabase(name.to_owned()))?;
            let session = Session::new(pool.take()?, pool.limits().clone());
            Ok(Own::new(Connection(Shared(Arc::new(Mutex::new(session))))))
        };
        Ok(open().map_err(Error::into))
    }

    fn execute(
        &mut self,
        _: &mut Databases,
        sql: &str,
        parameters: Vec<Value>,
    ) -> Result<Answer<u64>> {
        let session = self.0.session();
        Ok(session.execute(sql, &parameters).map_err(Error::into))
    }

    fn query(
        &mut self,
        _: &mut Databases,
        sql: &str,
        parameters: Vec<Value>,
    ) -> Result<Answer<Rows>> {
        let session = self.0.session();
        Ok(session.query(sql, &parameters).map_err(Error::into))
    }

    fn prepare(&mut self, _: &mut Databases, sql: &str) -> Result<Answer<Own<Statement>>> {
        let prepare = || {
            if Arc::strong_count(&self.0.0) > MOST {
                return Err(Error::TooManyStatements(MOST));
            }
            let (columns, parameters) = self.0.session().prepare(sql)?;
            Ok(Own::new(Statement {
                shared: self.0.clone(),
                sql: sql.to_owned(),
                columns,
                values: vec![Value::Null; parameters],
            }))
        };
        Ok(prepare().map_err(Error::into))
    }

    fn begin(&mut self, _: &mut Databases) -> Result<Answer<Own<Transaction>>> {
        let begun = self.0.session().begin();
        let transaction = |()| {
            Own::new(Transaction {
                shared: self.0.clone(),
                ended: false,
            })
        };
        Ok(begun.map(transaction).map_err(Error::into))
    }

    fn last_insert_rowid(&mut self, _: &mut Databases) -> Result<i64> {
        Ok(self.0.session().last_insert_rowid())
    }
}

impl GuestStatement for Statement {
    type Instance = Databases;

    fn columns(&mut self, _: &mut Databases) -> Result<Vec<String>> {
        Ok(self.columns.clone())
    }

    fn bind(&mut self, _: &mut Databases, parameters: Vec<Value>) -> Result<Answer<()>> {
        let (wanted, given) = (self.values.len(), parameters.len());
        if wanted != given {
            return Ok(Err(Error::Parameters { wanted, given }.into()));
        }
        let account = self.shared.session().account(&self.values, &parameters);
        Ok(account
            .map(|()| self.values = parameters)
            .map_err(Error::into))
    }

    fn execute(&mut self, _: &mut Databases) -> Result<Answer<u64>> {
        let session = self.shared.session();
        Ok(session
            .execute(&self.sql, &self.values)
            .map_err(Error::into))
    }

    fn query(&mut self, _: &mut Databases) -> Result<Answer<Rows>> {
        let session = self.shared.session();
        Ok(session.query(&self.sql, &self.values).map_err(Error::into))
    }
}

impl Drop for Statement {
    fn drop(&mut self) {
        // Less than before is never too much.
        let _ = self.shared.session().account(&self.values, &[]);
    }
}

impl GuestTransaction for Transaction {
    type Instance = Databases;

    fn commit(_: &mut Databases, mut this: Own<Self>) -> Result<Answer<()>> {
        this.ended = true;
        let committed = this.shared.session().commit();
        Ok(committed.map_err(Error::into))
    }

    fn rollback(_: &mut Databases, mut this: Own<Self>) -> Result<Answer<()>> {
        this.ended = true;
        let rolled_back = this.shared.session().rollback();
        Ok(rolled_back.map_err(Error::into))
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if !self.ended {
            // If it fails, the pool throws the connection away, and SQLite rolls back.
            let _ = self.shared.session().rollback();
        }
    }
}
