//! The plugin without a guest: what works, and what SQLite's own library finds in the file afterwards.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod database;

use std::path::PathBuf;

use c12_plugin::harness::{Harness, HarnessError, Outcome, Value};
use database::{Database, blob, integer, null, real, text};

#[test]
fn values_come_back_as_they_were() {
    let database = Database::new(&[]);
    let plugin = database.open();
    let mut guest = database::Guest::new(&plugin);
    guest.execute("CREATE TABLE t (a, b, c, d, e)", []);
    let values = [
        null(),
        integer(i64::MIN),
        real(-1.5),
        text("Grüße, 世界\0!"),
        blob(&[0, 255, 1]),
    ];
    let changed = guest.execute("INSERT INTO t VALUES (?, ?, ?, ?, ?)", values.clone());
    assert_eq!(changed, 1);
    let (columns, rows) = guest.query("SELECT a, b, c, d, e AS last FROM t", []);
    assert_eq!(columns, ["a", "b", "c", "d", "last"]);
    assert_eq!(rows, [values]);
    let (_, rows) = guest.query("SELECT typeof(?), typeof(?)", [real(f64::NAN), real(1.0)]);
    assert_eq!(rows, [[text("null"), text("real")]]);
    let (columns, rows) = guest.query("SELECT a FROM t WHERE 0", []);
    assert_eq!((columns.as_slice(), rows.len()), (&["a".to_owned()][..], 0));

    assert_eq!(
        database.look("SELECT d, hex(e) FROM t"),
        "Grüße, 世界\0!|00FF01"
    );
}

#[test]
fn only_changed_rows_are_counted() {
    let database = Database::new(&[]);
    let plugin = database.open();
    let mut guest = database::Guest::new(&plugin);
    guest.execute("CREATE TABLE t (a)", []);
    assert_eq!(guest.execute("INSERT INTO t VALUES (1), (2), (3)", []), 3);
    assert_eq!(guest.execute("UPDATE t SET a = 0 WHERE a > 1", []), 2);
    assert_eq!(guest.execute("CREATE INDEX i ON t (a)", []), 0);
    assert_eq!(guest.execute("DELETE FROM t WHERE a = 9", []), 0);
    let last = guest.call("[method]connection.last-insert-rowid", &[]);
    assert_eq!(last, Value::S64(3));
    let (columns, rows) = guest.query("INSERT INTO t VALUES (7) RETURNING rowid AS id", []);
    assert_eq!((columns[0].as_str(), &rows[0][0]), ("id", &integer(4)));
    assert_eq!(database.look("SELECT group_concat(a) FROM t"), "1,0,0,7");
}

#[test]
fn statements_run_again_with_other_values() {
    let database = Database::new(&[]);
    let plugin = database.open();
    let mut guest = database::Guest::new(&plugin);
    guest.execute("CREATE TABLE t (a UNIQUE, b)", []);
    let insert = guest.prepare("INSERT INTO t VALUES (?1, ?2)").unwrap();
    for (number, word) in [(1, "one"), (2, "two")] {
        let values = Value::list([integer(number), text(word)]);
        guest.on(insert, "statement.bind", &[values]).unwrap();
        assert_eq!(
            guest.on(insert, "statement.execute", &[]),
            Ok(Value::U64(1))
        );
    }
    // The values stay until they are set again.
    let (case, _) = guest.on(insert, "statement.execute", &[]).unwrap_err();
    assert_eq!(case, "constraint");
    let few = Value::list([integer(1)]);
    let (case, failure) = guest.on(insert, "statement.bind", &[few]).unwrap_err();
    assert_eq!(case, "misuse");
    assert_eq!(failure.message, "the statement has 2 parameters, not 1");

    let select = guest.prepare("SELECT b FROM t WHERE a = ?").unwrap();
    let columns = guest.instance.call(
        database::INTERFACE,
        "[method]statement.columns",
        &[select.into()],
    );
    assert_eq!(columns, Ok(Some(Value::list(["b"]))));
    let rows = guest.on(select, "statement.query", &[]).unwrap();
    assert_eq!(rows.field("rows"), Some(&Value::List(Vec::new())), "null");
    guest
        .on(select, "statement.bind", &[Value::list([integer(2)])])
        .unwrap();
    let rows = guest.on(select, "statement.query", &[]).unwrap();
    assert!(rows.to_string().contains("two"), "{rows}");
    // It outlives the connection that it is of.
    guest.instance.drop_resource(guest.connection).unwrap();
    let rows = guest.on(select, "statement.query", &[]).unwrap();
    assert!(rows.to_string().contains("two"), "{rows}");
}

#[test]
fn transactions_last_or_are_taken_back() {
    let database = Database::new(&[]);
    let plugin = database.open();
    let mut guest = database::Guest::new(&plugin);
    guest.execute("CREATE TABLE t (a)", []);

    let transaction = guest.begin().unwrap();
    guest.execute("INSERT INTO t VALUES (1)", []);
    assert_eq!(database.look("SELECT count(*) FROM t"), "0");
    let (case, failure) = guest.begin().unwrap_err();
    assert_eq!(
        (case.as_str(), failure.message.as_str()),
        ("misuse", "the connection has a transaction already")
    );
    guest.end("commit", transaction).unwrap();
    assert_eq!(database.look("SELECT count(*) FROM t"), "1");

    let transaction = guest.begin().unwrap();
    guest.execute("INSERT INTO t VALUES (2)", []);
    guest.end("rollback", transaction).unwrap();
    let transaction = guest.begin().unwrap();
    guest.execute("INSERT INTO t VALUES (3)", []);
    guest.instance.drop_resource(transaction).unwrap();
    assert_eq!(database.look("SELECT group_concat(a) FROM t"), "1");

    // Of a guest that ends in the middle nothing stays.
    guest.begin().unwrap();
    guest.execute("INSERT INTO t VALUES (4)", []);
    drop(guest);
    assert_eq!(database.look("SELECT group_concat(a) FROM t"), "1");
    let mut guest = database::Guest::new(&plugin);
    guest.execute("INSERT INTO t VALUES (5)", []);
    assert_eq!(database.look("SELECT group_concat(a) FROM t"), "1,5");
}

#[test]
fn a_commit_that_fails_takes_everything_back() {
    let database = Database::new(&[]);
    let plugin = database.open();
    let mut guest = database::Guest::new(&plugin);
    guest.execute("CREATE TABLE p (a PRIMARY KEY)", []);
    guest.execute(
        "CREATE TABLE c (a REFERENCES p (a) DEFERRABLE INITIALLY DEFERRED)",
        [],
    );
    let transaction = guest.begin().unwrap();
    guest.execute("INSERT INTO c VALUES (1)", []);
    let (case, failure) = guest.end("commit", transaction).unwrap_err();
    // SQLITE_CONSTRAINT_FOREIGNKEY
    assert_eq!((case.as_str(), failure.code), ("constraint", 787));
    assert_eq!(database.look("SELECT count(*) FROM c"), "0");
    guest.execute("INSERT INTO p VALUES (1)", []);
}

#[test]
fn after_an_error_that_rolls_back_nothing_happens_outside_of_the_transaction() {
    let database = Database::new(&[]);
    let plugin = database.open();
    let mut guest = database::Guest::new(&plugin);
    guest.execute("CREATE TABLE t (a UNIQUE ON CONFLICT ROLLBACK)", []);
    let transaction = guest.begin().unwrap();
    guest.execute("INSERT INTO t VALUES (1)", []);
    let (case, _) = guest
        .try_execute("INSERT INTO t VALUES (1)", [])
        .unwrap_err();
    assert_eq!(case, "constraint");
    let (case, _) = guest
        .try_execute("INSERT INTO t VALUES (2)", [])
        .unwrap_err();
    assert_eq!(case, "rolled-back");
    let (case, _) = guest.end("commit", transaction).unwrap_err();
    assert_eq!(case, "rolled-back");
    assert_eq!(database.look("SELECT count(*) FROM t"), "0");
    guest.execute("INSERT INTO t VALUES (3)", []);
}

#[test]
fn errors_say_what_sqlite_says() {
    let database = Database::new(&[]);
    let plugin = database.open();
    let mut guest = database::Guest::new(&plugin);
    guest.execute("CREATE TABLE t (a UNIQUE NOT NULL CHECK (a > 0))", []);
    guest.execute("INSERT INTO t VALUES (1)", []);
    for (sql, case, code, message) in [
        ("INSERT INTO t VALUES (1)", "constraint", 2067, "UNIQUE"),
        (
            "INSERT INTO t VALUES (NULL)",
            "constraint",
            1299,
            "NOT NULL",
        ),
        ("INSERT INTO t VALUES (0)", "constraint", 275, "CHECK"),
        ("INSERT INTO", "syntax", 1, "incomplete input"),
        (
            "INSERT INTO absent VALUES (1)",
            "syntax",
            1,
            "no such table",
        ),
        (
            "DELETE FROM t WHERE \"x\" = 1",
            "syntax",
            1,
            "no such column",
        ),
        ("DELETE FROM t; DELETE FROM t", "misuse", 0, "Multiple"),
        (
            "DELETE FROM t WHERE a = ?",
            "misuse",
            0,
            "1 parameters, not 0",
        ),
        ("SELECT a FROM t", "misuse", 0, "gives rows"),
        ("DELETE FROM t RETURNING a", "misuse", 0, "gives rows"),
        (
            "INSERT INTO t VALUES (abs(-9223372036854775808))",
            "other",
            1,
            "integer overflow",
        ),
    ] {
        let (found, failure) = guest.try_execute(sql, []).unwrap_err();
        assert_eq!((found.as_str(), failure.code), (case, code), "{sql}");
        assert!(failure.message.contains(message), "{sql}: {failure:?}");
    }
    let (case, failure) = guest
        .try_query("SELECT CAST(x'ff' AS TEXT)", [])
        .unwrap_err();
    assert_eq!(case, "misuse", "{failure:?}");
    assert_eq!(database.look("SELECT group_concat(a) FROM t"), "1");
    let (case, _) = guest.open("elsewhere").unwrap_err();
    assert_eq!(case, "no-such-database");
}

#[test]
fn two_guests_share_a_database_and_wait_for_each_other() {
    let database = Database::new(&[("busy-timeout-ms", "20")]);
    let plugin = database.open();
    let (mut a, mut b) = (database::Guest::new(&plugin), database::Guest::new(&plugin));
    a.execute("CREATE TABLE t (a)", []);
    let transaction = a.begin().unwrap();
    a.execute("INSERT INTO t VALUES (1)", []);
    // Reading goes on, writing waits.
    assert_eq!(b.query("SELECT count(*) FROM t", []).1, [[integer(0)]]);
    let (case, failure) = b.try_execute("INSERT INTO t VALUES (2)", []).unwrap_err();
    assert_eq!((case.as_str(), failure.code & 0xff), ("busy", 5));
    a.end("commit", transaction).unwrap();
    b.execute("INSERT INTO t VALUES (2)", []);
    assert_eq!(a.query("SELECT sum(a) FROM t", []).1, [[integer(3)]]);
}

#[test]
fn connections_come_back_to_the_pool() {
    let database = Database::new(&[("connections", "2"), ("busy-timeout-ms", "50")]);
    let plugin = database.open();
    let (mut a, mut b) = (database::Guest::new(&plugin), database::Guest::new(&plugin));
    let (case, failure) = b.open("main").unwrap_err();
    assert_eq!(case, "busy", "{failure:?}");
    // A statement keeps it.
    let statement = a.prepare("SELECT 1").unwrap();
    a.instance.drop_resource(a.connection).unwrap();
    assert_eq!(b.open("main").unwrap_err().0, "busy");
    a.instance.drop_resource(statement).unwrap();
    b.open("main").unwrap();
}

#[test]
fn many_guests_at_once_lose_nothing() {
    let database = Database::new(&[("connections", "8"), ("busy-timeout-ms", "60000")]);
    let plugin = database.open();
    database::Guest::new(&plugin).execute("CREATE TABLE t (a)", []);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut guest = database::Guest::new(&plugin);
                for number in 0..20 {
                    guest.execute("INSERT INTO t VALUES (?)", [integer(number)]);
                }
            });
        }
    });
    assert_eq!(database.look("SELECT count(*), sum(a) FROM t"), "160|1520");
}

#[test]
fn a_folder_has_a_database_for_each_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let plugin = database::open(&[("path", path), ("names", "a,b")]).unwrap();
    for name in ["a", "b"] {
        let mut guest = database::Guest::of(&plugin, name);
        guest.execute(&format!("CREATE TABLE {name} (x)"), []);
    }
    drop(plugin);
    for name in ["a", "b"] {
        let tables = database::look(
            &folder.path().join(format!("{name}.db")),
            "SELECT name FROM sqlite_schema",
        );
        assert_eq!(tables, name);
    }
}

#[test]
fn what_cannot_be_opened_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(
        at("text"),
        "This is not a database, but long enough to look like one.",
    )
    .unwrap();
    for (settings, told) in [
        (
            [("path", at("none/x.db").as_str()), ("read-only", "false")],
            "unable to open database file",
        ),
        (
            [("path", at("x.db").as_str()), ("read-only", "true")],
            "unable to open database file",
        ),
        (
            [("path", at("text").as_str()), ("read-only", "false")],
            "file is not a database",
        ),
    ] {
        match database::open(&settings) {
            Err(HarnessError::Open(message)) => {
                assert!(message.starts_with("the database `main`: "), "{message}");
                assert!(message.contains(told), "{message}");
            }
            other => panic!("{other:?}"),
        }
    }
}

/// What `cargo` has built for these tests.
fn library() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.join("libc12_example_sqlite.so")
}

#[test]
fn the_library_is_unloaded_when_the_plugin_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("main.db");
    let loaded = || {
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        maps.contains(library().to_str().unwrap())
    };
    let plugin = Harness::load(&library(), &[("path", file.to_str().unwrap())]).unwrap();
    assert!(loaded());
    let mut guest = database::Guest::new(&plugin);
    guest.execute("CREATE TABLE t AS SELECT trim('xax', 'x') AS a", []);
    guest.prepare("SELECT a FROM t").unwrap();
    guest.begin().unwrap();
    drop(guest);
    drop(plugin);
    assert!(!loaded());
    assert_eq!(database::look(&file, "SELECT a FROM t"), "a");
}

#[test]
fn all_functions_wait_elsewhere_and_survive_anything() {
    let database = Database::new(&[]);
    let plugin = database.open();
    assert!(plugin.functions().iter().all(|entry| entry.blocking));
    let mut instance = plugin.instantiate().unwrap();
    for exercise in instance.exercise(30) {
        let fine = matches!(exercise.outcome, Outcome::Returned(_) | Outcome::Skipped);
        assert!(fine, "{}: {:?}", exercise.function, exercise.outcome);
    }
}
