//! SQLite's functions that take the product of the lengths of their arguments.
//!
//! The clock is not looked at within a function, and these would take days with two arguments that are both megabytes. So
//! they are defined anew: the second argument must be short. What they give is still SQLite's own: a connection without a
//! database computes it.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::limits::Limit;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, Error, Result, ToSql, ffi};

use crate::guard::Guard;

/// Bytes that a second argument may have which is looked for: with 8 MiB to look in it takes less than a second.
const SOUGHT: usize = 1_024;

/// Bytes that a second argument may have which is a set of characters. Each character is compared with each of them, one
/// after another.
const SET: usize = 64;

/// What SQLite marks JSON with, so that other functions of JSON take it as such and not as a text.
const JSON: u32 = b'J' as u32;

/// Name, number of arguments, bytes of the second, how it is asked for.
const FUNCTIONS: &[(&str, i32, usize, &str)] = &[
    ("instr", 2, SOUGHT, "SELECT instr(?, ?)"),
    ("json_patch", 2, SOUGHT, "SELECT json_patch(?, ?)"),
    ("jsonb_patch", 2, SOUGHT, "SELECT jsonb_patch(?, ?)"),
    ("ltrim", 2, SET, "SELECT ltrim(?, ?)"),
    ("replace", 3, SOUGHT, "SELECT replace(?, ?, ?)"),
    ("rtrim", 2, SET, "SELECT rtrim(?, ?)"),
    ("trim", 2, SET, "SELECT trim(?, ?)"),
    ("unhex", 2, SET, "SELECT unhex(?, ?)"),
];

/// Puts the functions in the place of SQLite's. No value that they give is longer than `most` bytes.
pub(crate) fn replace(connection: &Connection, guard: &Guard, most: i32) -> Result<()> {
    let computes = Connection::open_in_memory()?;
    computes.set_limit(Limit::SQLITE_LIMIT_LENGTH, most)?;
    let computes = Arc::new(Mutex::new(computes));
    for &(name, arguments, second, sql) in FUNCTIONS {
        // As SQLite's own are: they may be part of an index, a view, a trigger.
        let mut flags = FunctionFlags::SQLITE_UTF8
            | FunctionFlags::SQLITE_DETERMINISTIC
            | FunctionFlags::SQLITE_INNOCUOUS;
        let mark = (name == "json_patch").then_some(JSON);
        flags.set(FunctionFlags::SQLITE_RESULT_SUBTYPE, mark.is_some());
        let (computes, guard) = (computes.clone(), guard.clone());
        connection.create_scalar_function(name, arguments, flags, move |context| {
            if length(context.get_raw(1)) > second {
                guard.refuse(format!(
                    "{name} with a second argument of more than {second} bytes"
                ));
                return Err(bare(ffi::Error::new(ffi::SQLITE_AUTH)));
            }
            let computes = computes.lock().unwrap_or_else(PoisonError::into_inner);
            let result = compute(&computes, sql, context).map_err(|error| match error {
                Error::SqliteFailure(failure, _) => bare(failure),
                other => other,
            })?;
            let mark = mark.filter(|_| matches!(result, Computed::Text(_)));
            Ok((result, mark))
        })?;
    }
    Ok(())
}

/// An error without its message: with one, the code does not reach the statement.
fn bare(failure: ffi::Error) -> Error {
    Error::SqliteFailure(failure, None)
}

fn length(value: ValueRef<'_>) -> usize {
    match value {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
        _ => 0,
    }
}

fn compute(computes: &Connection, sql: &str, context: &Context<'_>) -> Result<Computed> {
    let mut statement = computes.prepare_cached(sql)?;
    for place in 0..context.len() {
        let argument = ToSqlOutput::Borrowed(context.get_raw(place));
        statement.raw_bind_parameter(place + 1, argument)?;
    }
    let result = {
        let mut rows = statement.raw_query();
        let row = rows.next()?.ok_or(Error::QueryReturnedNoRows)?;
        match row.get_ref(0)? {
            ValueRef::Text(bytes) => Computed::Text(bytes.to_owned()),
            other => Computed::Other(Value::try_from(other)?),
        }
    };
    // The arguments may be large.
    statement.clear_bindings();
    Ok(result)
}

/// What a function gave.
enum Computed {
    /// Text, which in SQLite may be any bytes.
    Text(Vec<u8>),
    Other(Value),
}

impl ToSql for Computed {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Computed::Text(bytes) => ValueRef::Text(bytes),
            Computed::Other(value) => value.into(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_they_give_is_what_sqlite_gives() {
        let theirs = Connection::open_in_memory().unwrap();
        let ours = Connection::open_in_memory().unwrap();
        replace(&ours, &Guard::default(), 1_000_000).unwrap();
        for sql in [
            "trim('xxaxx', 'x'), ltrim('xxaxx', 'x'), rtrim('xxaxx', 'x'), trim('  a '), trim('ßaß', 'ß')",
            "instr('Grüße', 'ß'), instr(x'0102ff', x'ff'), instr(12.5, '.'), instr(NULL, 'a'), instr('a', '')",
            "replace('a-b', '-', '+'), replace(100, 0, 'x'), replace('a', '', 'b'), replace('a', 'a', NULL)",
            "typeof(trim(1.0, 'x')), trim(1e300, 'x'), hex(trim(x'ff61', 'a')), hex(replace(x'ff61', 'a', 'b'))",
            "unhex('61-62', '-'), unhex('6', '-')",
            "json_patch('{\"a\": 1}', '{\"b\": [2]}'), json_array(json_patch('{}', '{\"a\": 1}')), json_patch(NULL, '{}')",
            "hex(jsonb_patch('{\"a\": 1}', '{\"a\": null}'))",
        ] {
            let ask = |connection: &Connection| {
                let mut statement = connection.prepare(&format!("SELECT {sql}")).unwrap();
                let count = statement.column_count();
                statement
                    .query_row([], |row| {
                        (0..count)
                            .map(|column| row.get::<_, Value>(column))
                            .collect::<Result<Vec<_>>>()
                    })
                    .unwrap()
            };
            assert_eq!(ask(&ours), ask(&theirs), "{sql}");
        }
    }
}
