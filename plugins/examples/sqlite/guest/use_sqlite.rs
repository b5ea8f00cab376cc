//! Keeps notes in SQLite through the plugin `sqlite`: as a component on wasip2, as a core module on wasip1.
//!
//! `use_sqlite NOTE…` adds the notes and prints all. `use_sqlite --sql SQL` runs one statement; its rows are printed.
// The generated bindings call foreign functions.
#![allow(unsafe_code)]

#[cfg(target_os = "wasi")]
mod guest {
    wit_bindgen::generate!({
        // Relative to the package that builds this guest, which is `tests/guests`.
        path: "../../plugins/examples/sqlite/wit",
        inline: "
            package example:use-sqlite;
            world use-sqlite { import c12:sqlite/database@0.1.0; }
        ",
        generate_all,
    });

    use c12::sqlite::database::{Connection, Error, Rows, Transaction, Value};

    pub(crate) fn run(arguments: &[String]) -> Result<(), Error> {
        // `main` is what the plugin calls the database if its settings say nothing else.
        let connection = Connection::open("main")?;
        match arguments {
            [option, sql @ ..] if option == "--sql" => {
                for sql in sql {
                    print(&connection.query(sql, &[])?);
                }
                Ok(())
            }
            notes => keep(&connection, notes),
        }
    }

    // ANCHOR: keep
    fn keep(connection: &Connection, notes: &[String]) -> Result<(), Error> {
        connection.execute(
            "CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, note TEXT NOT NULL, size INTEGER, image BLOB)",
            &[],
        )?;
        // All notes or none. Returning early drops the transaction, which takes it back.
        let transaction = connection.begin()?;
        let insert =
            connection.prepare("INSERT INTO notes (note, size, image) VALUES (?1, ?2, ?3)")?;
        for note in notes {
            insert.bind(&[
                Value::Text(note.clone()),
                Value::Integer(note.len() as i64),
                match note.is_empty() {
                    true => Value::Null,
                    false => Value::Blob(note.bytes().rev().collect()),
                },
            ])?;
            insert.execute()?;
            println!("note {} is kept", connection.last_insert_rowid());
        }
        Transaction::commit(transaction)?;
        print(&connection.query(
            "SELECT note, size, image, size / 2.0 AS half FROM notes WHERE id > ? ORDER BY id",
            &[Value::Integer(0)],
        )?);
        Ok(())
    }
    // ANCHOR_END: keep

    fn print(found: &Rows) {
        if found.columns.is_empty() {
            return;
        }
        println!("{}", found.columns.join(" | "));
        for row in &found.rows {
            let values: Vec<String> = row.values.iter().map(shown).collect();
            println!("{}", values.join(" | "));
        }
    }

    fn shown(value: &Value) -> String {
        match value {
            Value::Null => "NULL".to_owned(),
            Value::Integer(number) => number.to_string(),
            Value::Real(number) => format!("{number:?}"),
            Value::Text(text) => text.clone(),
            Value::Blob(bytes) => format!("{} bytes", bytes.len()),
        }
    }

    /// What to tell the user, with SQLite's code.
    pub(crate) fn explain(error: &Error) -> String {
        let (kind, failure) = match error {
            Error::NoSuchDatabase(name) => return format!("there is no database {name}"),
            Error::NotAllowed(failure) => ("not allowed", failure),
            Error::ReadOnly(failure) => ("read-only", failure),
            Error::Syntax(failure) => ("syntax", failure),
            Error::Misuse(failure) => ("misuse", failure),
            Error::Constraint(failure) => ("constraint", failure),
            Error::Busy(failure) => ("busy", failure),
            Error::Timeout(failure) => ("timeout", failure),
            Error::TooLarge(failure) => ("too large", failure),
            Error::RolledBack(failure) => ("rolled back", failure),
            Error::Other(failure) => ("other", failure),
        };
        format!("{kind} ({}): {}", failure.code, failure.message)
    }
}

#[cfg(target_os = "wasi")]
fn main() -> std::process::ExitCode {
    match guest::run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}", guest::explain(&error));
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "wasi"))]
fn main() {}
