//! A database of a test's own, and a guest that uses it through the plugin.
#![allow(dead_code, unreachable_pub)]

use std::path::{Path, PathBuf};

use c12_example_sqlite::c12_plugin as sqlite;
use c12_plugin::harness::{Harness, HarnessError, Instance, Resource, Value};
use tempfile::TempDir;

pub const INTERFACE: &str = "c12:sqlite/database@0.1.0";

/// The settings of a database in a folder that goes with it.
pub struct Database {
    folder: TempDir,
    settings: Vec<(String, String)>,
}

impl Database {
    pub fn new(settings: &[(&str, &str)]) -> Self {
        let database = Database {
            folder: tempfile::tempdir().unwrap(),
            settings: Vec::new(),
        };
        database.with(settings)
    }

    /// The same database with other settings.
    pub fn with(self, settings: &[(&str, &str)]) -> Self {
        let path = self.file().to_str().unwrap().to_owned();
        let mut pairs = vec![("path".to_owned(), path)];
        for (key, value) in settings {
            pairs.push(((*key).to_owned(), (*value).to_owned()));
        }
        Database {
            settings: pairs,
            ..self
        }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("main.db")
    }

    pub fn open(&self) -> Harness {
        let settings: Vec<(&str, &str)> = self
            .settings
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        open(&settings).unwrap()
    }

    /// What a query gives without the plugin: values with `|` between them, rows on lines.
    pub fn look(&self, sql: &str) -> String {
        look(&self.file(), sql)
    }
}

pub fn open(settings: &[(&str, &str)]) -> Result<Harness, HarnessError> {
    Harness::open(sqlite, settings)
}

pub fn look(file: &Path, sql: &str) -> String {
    use rusqlite::types::Value;
    let connection = rusqlite::Connection::open(file).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let count = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let values = (0..count).map(|column| match row.get(column).unwrap() {
            Value::Null => "NULL".to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Real(number) => number.to_string(),
            Value::Text(text) => text,
            Value::Blob(bytes) => format!("{bytes:?}"),
        });
        lines.push(values.collect::<Vec<_>>().join("|"));
    }
    lines.join("\n")
}

/// An instance with a connection.
pub struct Guest<'h> {
    pub instance: Instance<'h>,
    pub connection: Resource,
}

/// A case of the WIT's `error`.
pub type Refused = (String, Failure);

#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    pub code: i32,
    pub message: String,
}

impl<'h> Guest<'h> {
    pub fn new(plugin: &'h Harness) -> Self {
        Guest::of(plugin, "main")
    }

    pub fn of(plugin: &'h Harness, name: &str) -> Self {
        let mut instance = plugin.instantiate().unwrap();
        let connection = open_connection(&mut instance, name).unwrap();
        Guest {
            instance,
            connection,
        }
    }

    /// Another connection.
    pub fn open(&mut self, name: &str) -> Result<Resource, Refused> {
        open_connection(&mut self.instance, name)
    }

    /// A method of the connection that returns no `result`.
    pub fn call(&mut self, function: &str, arguments: &[Value]) -> Value {
        let mut all = vec![Value::Resource(self.connection)];
        all.extend_from_slice(arguments);
        self.instance
            .call(INTERFACE, function, &all)
            .unwrap()
            .unwrap()
    }

    /// A method that returns a `result`.
    pub fn on(
        &mut self,
        resource: Resource,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Refused> {
        let mut all = vec![Value::Resource(resource)];
        all.extend_from_slice(arguments);
        result(&mut self.instance, &format!("[method]{method}"), &all)
    }

    pub fn try_execute<const N: usize>(
        &mut self,
        sql: &str,
        values: [Value; N],
    ) -> Result<u64, Refused> {
        let arguments = [sql.into(), Value::list(values)];
        match self.on(self.connection, "connection.execute", &arguments)? {
            Value::U64(changed) => Ok(changed),
            other => panic!("{other}"),
        }
    }

    #[track_caller]
    pub fn execute<const N: usize>(&mut self, sql: &str, values: [Value; N]) -> u64 {
        self.try_execute(sql, values).unwrap()
    }

    pub fn try_query<const N: usize>(
        &mut self,
        sql: &str,
        values: [Value; N],
    ) -> Result<(Vec<String>, Vec<Vec<Value>>), Refused> {
        let arguments = [sql.into(), Value::list(values)];
        let rows = self.on(self.connection, "connection.query", &arguments)?;
        let columns = list(rows.field("columns").unwrap());
        let columns = columns.into_iter().map(|name| match name {
            Value::String(name) => name,
            other => panic!("{other}"),
        });
        let rows = list(rows.field("rows").unwrap());
        let rows = rows.iter().map(|row| list(row.field("values").unwrap()));
        Ok((columns.collect(), rows.collect()))
    }

    #[track_caller]
    pub fn query<const N: usize>(
        &mut self,
        sql: &str,
        values: [Value; N],
    ) -> (Vec<String>, Vec<Vec<Value>>) {
        self.try_query(sql, values).unwrap()
    }

    pub fn prepare(&mut self, sql: &str) -> Result<Resource, Refused> {
        let made = self.on(self.connection, "connection.prepare", &[sql.into()])?;
        Ok(made.resource().unwrap())
    }

    pub fn begin(&mut self) -> Result<Resource, Refused> {
        let made = self.on(self.connection, "connection.begin", &[])?;
        Ok(made.resource().unwrap())
    }

    /// `commit` or `rollback`.
    pub fn end(&mut self, how: &str, transaction: Resource) -> Result<Value, Refused> {
        result(
            &mut self.instance,
            &format!("[static]transaction.{how}"),
            &[Value::Resource(transaction)],
        )
    }
}

fn open_connection(instance: &mut Instance<'_>, name: &str) -> Result<Resource, Refused> {
    let made = result(instance, "[static]connection.open", &[name.into()])?;
    Ok(made.resource().unwrap())
}

/// Calls what returns a `result`. One without a payload gives `false`.
fn result(
    instance: &mut Instance<'_>,
    function: &str,
    arguments: &[Value],
) -> Result<Value, Refused> {
    match instance.call(INTERFACE, function, arguments).unwrap() {
        Some(Value::Result(Ok(payload))) => Ok(payload.map_or(Value::Bool(false), |it| *it)),
        Some(Value::Result(Err(Some(error)))) => Err(refused(&error)),
        other => panic!("{other:?}"),
    }
}

fn refused(error: &Value) -> Refused {
    let Value::Variant(case, Some(payload)) = error else {
        panic!("{error}");
    };
    let failure = match &**payload {
        Value::String(message) => Failure {
            code: 0,
            message: message.clone(),
        },
        record => match (record.field("code"), record.field("message")) {
            (Some(Value::S32(code)), Some(Value::String(message))) => Failure {
                code: *code,
                message: message.clone(),
            },
            _ => panic!("{record}"),
        },
    };
    (case.clone(), failure)
}

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::List(items) => items.clone(),
        other => panic!("{other}"),
    }
}

pub fn null() -> Value {
    Value::case("null")
}

pub fn integer(number: i64) -> Value {
    Value::variant("integer", number)
}

pub fn real(number: f64) -> Value {
    Value::variant("real", number)
}

pub fn text(text: &str) -> Value {
    Value::variant("text", text)
}

pub fn blob(bytes: &[u8]) -> Value {
    Value::variant("blob", Value::list(bytes.iter().copied()))
}
