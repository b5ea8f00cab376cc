//! SQL that wants more than its database, or more than its share.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod database;

use std::time::{Duration, Instant};

use c12_plugin::harness::{Resource, Value};
use database::{Database, Guest, blob, integer, text};

const ENDLESS: &str = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)";

/// Asks in both ways; what is refused is refused in both.
fn refused(guest: &mut Guest<'_>, sql: &str, told: &str) {
    for (case, failure) in [
        guest.try_execute(sql, []).unwrap_err(),
        guest.try_query(sql, []).unwrap_err(),
    ] {
        assert_eq!(case, "not-allowed", "{sql}: {failure:?}");
        assert!(failure.message.contains(told), "{sql}: {failure:?}");
    }
}

#[test]
fn nothing_leads_out_of_the_database() {
    let database = Database::new(&[]);
    let plugin = database.open();
    let mut guest = Guest::new(&plugin);
    guest.execute("CREATE TABLE t (a)", []);
    let other = database.folder().join("other.db");
    let other = other.to_str().unwrap();
    for sql in [
        format!("ATTACH '{other}' AS other"),
        "ATTACH ':memory:' AS other".to_owned(),
        "ATTACH 'file:/etc/passwd?mode=ro' AS other".to_owned(),
        format!("VACUUM INTO '{other}'"),
        "VACUUM".to_owned(),
    ] {
        refused(&mut guest, &sql, "ATTACH and VACUUM");
    }
    refused(&mut guest, "DETACH main", "DETACH");
    refused(
        &mut guest,
        "SELECT load_extension('/tmp/x.so')",
        "load_extension",
    );
    refused(
        &mut guest,
        "SELECT load_extension('/tmp/x.so', 'f')",
        "load_extension",
    );
    // Where it is hidden in something that may be made, using that fails.
    guest.execute("CREATE VIEW v AS SELECT load_extension('/tmp/x.so')", []);
    guest.execute(
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT load_extension('/tmp/x.so'); END",
        [],
    );
    for (case, failure) in [
        guest.try_query("SELECT * FROM v", []).unwrap_err(),
        guest
            .try_execute("INSERT INTO t VALUES (1)", [])
            .unwrap_err(),
    ] {
        // SQLite refuses it where it comes from the schema, before the guard is asked.
        assert!(["not-allowed", "syntax"].contains(&case.as_str()));
        assert!(failure.message.contains("load_extension"), "{failure:?}");
    }
    guest.execute("DROP TRIGGER g", []);
    refused(
        &mut guest,
        "CREATE VIRTUAL TABLE c USING csv (filename = '/etc/passwd')",
        "csv",
    );
    refused(&mut guest, "CREATE VIRTUAL TABLE c USING fts3 (a)", "fts3");
    for function in [
        "readfile('/etc/passwd')",
        "writefile('/tmp/x', 'x')",
        "edit('x')",
    ] {
        let (case, failure) = guest
            .try_query(&format!("SELECT {function}"), [])
            .unwrap_err();
        assert_eq!(case, "syntax", "{failure:?}");
    }
    let files: Vec<_> = std::fs::read_dir(database.folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("main.db"))
        .collect();
    assert!(files.is_empty(), "{files:?}");
    // All that does not lead out works.
    guest.execute("CREATE VIRTUAL TABLE f USING fts5 (body)", []);
    guest.execute("INSERT INTO f VALUES ('to find')", []);
    assert_eq!(
        guest.query("SELECT body FROM f WHERE f MATCH 'find'", []).1,
        [[text("to find")]]
    );
}

#[test]
fn pragmas_that_change_the_connection_are_refused() {
    let database = Database::new(&[]);
    let plugin = database.open();
    let mut guest = Guest::new(&plugin);
    guest.execute("CREATE TABLE t (a)", []);
    for pragma in [
        "writable_schema = 1",
        "journal_mode = OFF",
        "synchronous = OFF",
        "foreign_keys = OFF",
        "trusted_schema = 1",
        "max_page_count = 1000000000",
        "hard_heap_limit = 0",
        "temp_store_directory = '/'",
        "data_store_directory = '/'",
        "busy_timeout = 1000000",
        "mmap_size = 1000000000",
        "locking_mode = EXCLUSIVE",
        "cell_size_check = 0",
        "database_list",
        "wal_checkpoint(TRUNCATE)",
        "incremental_vacuum",
    ] {
        refused(&mut guest, &format!("PRAGMA {pragma}"), "PRAGMA");
    }
    // The same by another way: it would tell where the file is.
    let (case, _) = guest
        .try_query("SELECT file FROM pragma_database_list", [])
        .unwrap_err();
    assert_eq!(case, "not-allowed");
    let (columns, rows) = guest.query("PRAGMA table_info(t)", []);
    assert_eq!((columns.len(), rows.len()), (6, 1));
    guest.execute("PRAGMA user_version = 7", []);
    assert_eq!(guest.query("PRAGMA user_version", []).1, [[integer(7)]]);
    // The schema cannot be written past the parser.
    let (case, failure) = guest
        .try_execute("UPDATE sqlite_schema SET sql = 'x'", [])
        .unwrap_err();
    assert_eq!(case, "syntax", "{failure:?}");
    assert!(
        failure.message.contains("may not be modified"),
        "{failure:?}"
    );
}

#[test]
fn transactions_and_temporary_tables_cannot_be_left_behind() {
    let database = Database::new(&[("connections", "1")]);
    let plugin = database.open();
    let mut guest = Guest::new(&plugin);
    for sql in [
        "BEGIN",
        "BEGIN IMMEDIATE",
        "COMMIT",
        "ROLLBACK",
        "SAVEPOINT s",
        "RELEASE c12",
    ] {
        refused(&mut guest, sql, "`transaction`");
    }
    refused(&mut guest, "CREATE TEMP TABLE secret (a)", "temporary");
    guest.execute("CREATE TABLE t (a)", []);
    for sql in [
        "CREATE TABLE temp.secret (a)",
        "CREATE TABLE TEMP.secret AS SELECT 1",
        "CREATE VIEW temp.secret AS SELECT 1",
        "CREATE TRIGGER temp.secret AFTER INSERT ON main.t BEGIN SELECT 1; END",
        "CREATE VIRTUAL TABLE temp.secret USING fts5 (a)",
        "INSERT INTO sqlite_temp_schema VALUES (1, 2, 3, 4, 5)",
    ] {
        let (case, failure) = guest.try_execute(sql, []).unwrap_err();
        assert!(
            ["not-allowed", "syntax"].contains(&case.as_str()),
            "{sql}: {failure:?}"
        );
    }
    let (_, rows) = guest.query(
        "SELECT name FROM pragma_table_list WHERE schema = 'temp'",
        [],
    );
    assert_eq!(rows, [[text("sqlite_temp_schema")]]);
    refused(&mut guest, "CREATE TEMP VIEW v AS SELECT 1", "temporary");
    // Within a transaction of the guest's own too.
    guest.begin().unwrap();
    refused(&mut guest, "COMMIT", "`transaction`");
}

#[test]
fn endless_statements_end() {
    let database = Database::new(&[("time-limit-ms", "100")]);
    let plugin = database.open();
    let mut guest = Guest::new(&plugin);
    guest.execute("CREATE TABLE t (a)", []);
    let start = Instant::now();
    for sql in [
        format!("{ENDLESS} SELECT sum(x) FROM n"),
        format!("{ENDLESS} SELECT x FROM n WHERE x < 0"),
        format!("INSERT INTO t {ENDLESS} SELECT x FROM n WHERE x < 0 RETURNING a"),
    ] {
        let (case, failure) = guest.try_query(&sql, []).unwrap_err();
        assert_eq!((case.as_str(), failure.code), ("timeout", 9), "{sql}");
    }
    let insert = format!("INSERT INTO t {ENDLESS} SELECT x FROM n");
    assert_eq!(guest.try_execute(&insert, []).unwrap_err().0, "timeout");
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(database.look("SELECT count(*) FROM t"), "0");
    // The connection works on, and so does its clock.
    guest.execute("INSERT INTO t VALUES (1)", []);

    // In a transaction SQLite takes back everything with it.
    let transaction = guest.begin().unwrap();
    guest.execute("INSERT INTO t VALUES (2)", []);
    assert_eq!(guest.try_execute(&insert, []).unwrap_err().0, "timeout");
    assert_eq!(
        guest
            .try_execute("INSERT INTO t VALUES (3)", [])
            .unwrap_err()
            .0,
        "rolled-back"
    );
    assert_eq!(
        guest.end("commit", transaction).unwrap_err().0,
        "rolled-back"
    );
    assert_eq!(database.look("SELECT group_concat(a) FROM t"), "1");
}

#[test]
fn patterns_that_take_forever_are_too_long() {
    let database = Database::new(&[]);
    let plugin = database.open();
    let mut guest = Guest::new(&plugin);
    let pattern = text(&"%a".repeat(1_000));
    let many = text(&"a".repeat(100_000));
    let start = Instant::now();
    let (case, failure) = guest
        .try_query("SELECT ? LIKE ?", [many, pattern])
        .unwrap_err();
    assert_eq!(case, "other", "{failure:?}");
    assert!(failure.message.contains("too complex"), "{failure:?}");
    assert!(start.elapsed() < Duration::from_secs(5));
}

#[test]
fn functions_that_take_forever_are_refused() {
    let database = Database::new(&[]);
    let plugin = database.open();
    let mut guest = Guest::new(&plugin);
    guest.execute("CREATE VIRTUAL TABLE f USING fts5 (body)", []);
    let start = Instant::now();
    // Each of these took from minutes to days.
    for (sql, told) in [
        (
            "SELECT trim(hex(zeroblob(4000000)), hex(randomblob(300000)))",
            "trim with a second argument of more than 64 bytes",
        ),
        (
            "SELECT ltrim(hex(zeroblob(4000000)), hex(randomblob(300000)))",
            "ltrim with",
        ),
        (
            "SELECT rtrim(hex(zeroblob(4000000)), hex(randomblob(300000)))",
            "rtrim with",
        ),
        (
            "SELECT instr(zeroblob(8000000), CAST(zeroblob(4000000) || 'x' AS BLOB))",
            "instr with",
        ),
        (
            "SELECT replace(zeroblob(8000000), hex(zeroblob(2000000)), '')",
            "replace with a second argument of more than 1024 bytes",
        ),
        (
            "SELECT unhex(hex(zeroblob(4000000)), hex(randomblob(300000)))",
            "unhex with",
        ),
        (
            "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100000),
                o (j) AS (SELECT json_group_object('key ' || x, x) FROM n) SELECT json_patch(j, j) FROM o",
            "json_patch with",
        ),
        (
            "SELECT jsonb_patch('{}', hex(zeroblob(1000)))",
            "jsonb_patch with",
        ),
        (
            "SELECT snippet(f, 0, '', '', '', 1) FROM f WHERE f MATCH 'a'",
            "the function snippet",
        ),
    ] {
        let (case, failure) = guest.try_query(sql, []).unwrap_err();
        assert_eq!(case, "not-allowed", "{sql}: {failure:?}");
        assert!(failure.message.contains(told), "{sql}: {failure:?}");
    }
    let elapsed = start.elapsed();
    assert!(elapsed < Duration::from_secs(20), "{elapsed:?}");
    // Hidden in the schema it is refused when it is used.
    guest.execute("CREATE TABLE t (a, b)", []);
    guest.execute("CREATE VIEW v AS SELECT trim(a, b) AS c FROM t", []);
    guest.execute("CREATE INDEX i ON t (trim(a, 'x'))", []);
    guest.execute("INSERT INTO t VALUES ('xyx', 'x')", []);
    let (_, rows) = guest.query("SELECT c FROM v WHERE trim('xyx', 'x') = 'y'", []);
    assert_eq!(rows, [[text("y")]]);
    guest.execute("UPDATE t SET b = hex(zeroblob(1000))", []);
    let (case, _) = guest.try_query("SELECT c FROM v", []).unwrap_err();
    assert_eq!(case, "not-allowed");
}

#[test]
fn large_results_are_refused_before_they_are_copied() {
    let database = Database::new(&[("max-rows", "10"), ("max-bytes", "4096")]);
    let plugin = database.open();
    let mut guest = Guest::new(&plugin);
    let limited = |limit: u32| format!("{ENDLESS} SELECT x FROM n LIMIT {limit}");
    assert_eq!(guest.query(&limited(10), []).1.len(), 10);
    let (case, failure) = guest.try_query(&limited(11), []).unwrap_err();
    assert_eq!((case.as_str(), failure.code), ("too-large", 0));
    assert!(failure.message.contains("10 rows"), "{failure:?}");
    let (case, _) = guest
        .try_query(&format!("{ENDLESS} SELECT x FROM n"), [])
        .unwrap_err();
    assert_eq!(case, "too-large");

    guest.execute("CREATE TABLE t (a)", []);
    for _ in 0..3 {
        guest.execute("INSERT INTO t VALUES (zeroblob(2000))", []);
    }
    assert_eq!(guest.query("SELECT a FROM t LIMIT 1", []).1.len(), 1);
    let (case, failure) = guest.try_query("SELECT a FROM t", []).unwrap_err();
    assert_eq!(case, "too-large", "{failure:?}");
    // One value: SQLITE_TOOBIG.
    for sql in [
        "SELECT zeroblob(5000)",
        "SELECT group_concat(hex(a)) FROM t",
        "SELECT printf('%5000d', 1)",
        "SELECT length(randomblob(5000))",
    ] {
        let (case, failure) = guest.try_query(sql, []).unwrap_err();
        assert_eq!((case.as_str(), failure.code), ("too-large", 18), "{sql}");
    }
    let (case, _) = guest
        .try_query("SELECT ?", [blob(&[0; 5_000])])
        .unwrap_err();
    assert_eq!(case, "too-large");
    let long = format!("SELECT '{}'", "x".repeat(200_000));
    assert_eq!(guest.try_query(&long, []).unwrap_err().0, "too-large");
}

#[test]
fn what_changes_and_returns_too_much_changes_nothing() {
    let database = Database::new(&[("max-rows", "2")]);
    let plugin = database.open();
    let mut guest = Guest::new(&plugin);
    guest.execute("CREATE TABLE t (a)", []);
    let insert = "INSERT INTO t VALUES (1), (2), (3) RETURNING a";
    assert_eq!(guest.try_query(insert, []).unwrap_err().0, "too-large");
    assert_eq!(database.look("SELECT count(*) FROM t"), "0");
    // Nor does it end the transaction that it is in.
    let transaction = guest.begin().unwrap();
    guest.execute("INSERT INTO t VALUES (7)", []);
    assert_eq!(guest.try_query(insert, []).unwrap_err().0, "too-large");
    assert_eq!(
        guest.query("INSERT INTO t VALUES (8) RETURNING a", []).1,
        [[integer(8)]]
    );
    guest.end("commit", transaction).unwrap();
    assert_eq!(database.look("SELECT group_concat(a) FROM t"), "7,8");
}

#[test]
fn a_database_grows_no_further() {
    let database = Database::new(&[("max-database-bytes", "65536")]);
    let plugin = database.open();
    let mut guest = Guest::new(&plugin);
    guest.execute("CREATE TABLE t (a)", []);
    let (case, failure) = guest
        .try_execute("INSERT INTO t VALUES (zeroblob(100000))", [])
        .unwrap_err();
    // SQLITE_FULL
    assert_eq!((case.as_str(), failure.code), ("too-large", 13));
    guest.execute("INSERT INTO t VALUES (zeroblob(1000))", []);
}

#[test]
fn the_log_of_a_database_grows_no_further() {
    let database = Database::new(&[("max-database-bytes", "1048576"), ("busy-timeout-ms", "20")]);
    let log = || {
        let file = database.folder().join("main.db-wal");
        std::fs::metadata(file).unwrap().len()
    };
    let plugin = database.open();
    let (mut a, mut b) = (Guest::new(&plugin), Guest::new(&plugin));
    b.execute("CREATE TABLE t AS SELECT zeroblob(200000) AS a", []);
    // What it sees must stay until it ends, whatever is written meanwhile.
    let reads = a.begin().unwrap();
    a.query("SELECT length(a) FROM t", []);
    let update = "UPDATE t SET a = randomblob(200000)";
    let first = (0..100).find_map(|_| b.try_execute(update, []).err());
    let (case, failure) = first.unwrap();
    assert_eq!(case, "too-large", "{failure:?}");
    assert!(failure.message.contains("transaction"), "{failure:?}");
    let returning = format!("{update} RETURNING 1");
    assert_eq!(b.try_query(&returning, []).unwrap_err().0, "too-large");
    assert!(log() < 2 << 20, "{}", log());
    // Reading goes on, and so does writing when nobody reads what was there before.
    b.query("SELECT length(a) FROM t", []);
    a.end("rollback", reads).unwrap();
    for _ in 0..20 {
        b.execute(update, []);
    }
    assert!(log() < 2 << 20, "{}", log());
}

#[test]
fn read_only_is_read_only() {
    let database = Database::new(&[]);
    let plugin = database.open();
    Guest::new(&plugin).execute("CREATE TABLE t AS SELECT 1 AS a", []);
    drop(plugin);
    let database = database.with(&[("read-only", "true")]);
    let plugin = database.open();
    let mut guest = Guest::new(&plugin);
    assert_eq!(guest.query("SELECT a FROM t", []).1, [[integer(1)]]);
    for sql in [
        "INSERT INTO t VALUES (2)",
        "DROP TABLE t",
        "PRAGMA user_version = 1",
    ] {
        let (case, failure) = guest.try_execute(sql, []).unwrap_err();
        assert_eq!(
            (case.as_str(), failure.code & 0xff),
            ("read-only", 8),
            "{sql}"
        );
    }
    assert_eq!(database.look("SELECT group_concat(a) FROM t"), "1");
}

#[test]
fn statements_are_not_without_number() {
    let database = Database::new(&[]);
    let plugin = database.open();
    let mut guest = Guest::new(&plugin);
    let made: Vec<_> = (0..200).map(|_| guest.prepare("SELECT 1")).collect();
    let refused: Vec<_> = made.iter().filter_map(|made| made.as_ref().err()).collect();
    assert_eq!(refused.len(), 100);
    assert_eq!(refused[0].0, "too-large");
}

#[test]
fn bound_values_are_counted_for_the_whole_connection() {
    fn bind(guest: &mut Guest<'_>, statement: Resource, values: &[&[u8]]) -> Result<(), String> {
        let values = Value::list(values.iter().map(|bytes| blob(bytes)));
        let bound = guest.on(statement, "statement.bind", &[values]);
        bound.map(drop).map_err(|(case, _)| case)
    }
    let database = Database::new(&[("max-bytes", "10000")]);
    let plugin = database.open();
    let mut guest = Guest::new(&plugin);
    let too_large = || Err("too-large".to_owned());
    let first = guest.prepare("SELECT length(?)").unwrap();
    let second = guest.prepare("SELECT length(?), ?").unwrap();
    assert_eq!(bind(&mut guest, first, &[&[0; 6_000]]), Ok(()));
    assert_eq!(
        bind(&mut guest, second, &[&[0; 3_000], &[0; 3_000]]),
        too_large()
    );
    assert_eq!(
        bind(&mut guest, second, &[&[0; 2_000], &[0; 2_000]]),
        Ok(())
    );
    // What is refused leaves what was bound before.
    assert_eq!(bind(&mut guest, first, &[&[0; 6_001]]), too_large());
    let rows = guest.on(first, "statement.query", &[]).unwrap();
    assert!(rows.to_string().contains("6000"), "{rows}");
    // What is bound instead, and what is dropped, is given back.
    assert_eq!(bind(&mut guest, first, &[&[0; 6_000]]), Ok(()));
    guest.instance.drop_resource(second).unwrap();
    assert_eq!(bind(&mut guest, first, &[&[0; 10_000]]), Ok(()));
    // Another connection has an account of its own.
    let mut other = Guest::new(&plugin);
    let third = other.prepare("SELECT ?").unwrap();
    assert_eq!(bind(&mut other, third, &[&[0; 10_000]]), Ok(()));
}
