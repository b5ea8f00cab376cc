//! `sqlite`: what guests keep, and what they may not do.

use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use snapbox::{assert_data_eq, str};

use super::{KINDS, library};
use crate::guests::{guest, with_guests};
use crate::harness::{C12, Home, Outcome};

/// The program with the plugin, settings `KEY=VALUE` and the guest.
fn c12(home: &Home, kind: &str, settings: &[&str], arguments: &[&str]) -> C12 {
    let mut words = vec!["run".to_owned(), "--plugin".to_owned()];
    words.push(library("sqlite").display().to_string());
    for setting in settings {
        words.extend(["--plugin-config".to_owned(), format!("sqlite.{setting}")]);
    }
    words.extend([guest(&format!("{kind}/use_sqlite")), "--".to_owned()]);
    words.extend(arguments.iter().map(|word| (*word).to_owned()));
    home.c12(words)
}

fn run(home: &Home, kind: &str, settings: &[&str], arguments: &[&str]) -> Outcome {
    c12(home, kind, settings, arguments).run()
}

/// What a query gives without the plugin.
fn look<T: rusqlite::types::FromSql>(file: &Path, sql: &str) -> T {
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Waits until a transaction has more than fits into SQLite's memory, and writes it beside the database.
fn wait_for_writing(file: &Path) {
    let log = file.with_extension("db-wal");
    let start = Instant::now();
    while std::fs::metadata(&log).map_or(0, |log| log.len()) < 1 << 20 {
        assert!(
            start.elapsed() < Duration::from_secs(120),
            "nothing is written"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

with_guests! {
    fn notes_are_kept_in_a_file_of_sqlites() {
        for kind in KINDS {
            let home = Home::new();
            let printed = run(&home, kind, &["path=notes.db"], &["Grüße", ""]).success();
            assert_data_eq!(printed, str![[r#"
note 1 is kept
note 2 is kept
note | size | image | half
Grüße | 7 | 7 bytes | 3.5
 | 0 | NULL | 0.0

"#]]);
            let file = home.work().join("notes.db");
            assert_eq!(look::<String>(&file, "SELECT note FROM notes WHERE id = 1"), "Grüße");
            assert_eq!(look::<String>(&file, "PRAGMA integrity_check"), "ok");
            // Another run, and another kind of guest, finds them.
            for kind in KINDS {
                let sql = ["--sql", "SELECT count(*) AS notes FROM notes"];
                assert_eq!(run(&home, kind, &["path=notes.db"], &sql).success(), "notes\n2\n");
            }
        }
    }

    fn a_guest_that_fails_in_the_middle_keeps_nothing() {
        for kind in KINDS {
            let home = Home::new();
            run(&home, kind, &["path=notes.db"], &["first"]).success();
            let large = "x".repeat(2_000);
            let outcome = run(&home, kind, &["path=notes.db", "max-bytes=1024"], &["second", &large]);
            assert_eq!(outcome.code, 1, "{outcome:?}");
            assert!(outcome.stderr.contains("too large (0): the values bound"), "{outcome:?}");
            let file = home.work().join("notes.db");
            assert_eq!(look::<i64>(&file, "SELECT count(*) FROM notes"), 1);
        }
    }

    fn a_guest_that_is_stopped_in_the_middle_keeps_nothing() {
        let home = Home::new();
        run(&home, "wasip2", &["path=notes.db"], &["first"]).success();
        let endless = "INSERT INTO notes (note) WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n";
        for kind in KINDS {
            // By the plugin.
            let outcome = run(&home, kind, &["path=notes.db", "time-limit-ms=200"], &["--sql", endless]);
            assert_eq!(outcome.code, 1, "{outcome:?}");
            assert!(outcome.stderr.contains("timeout (9): the statement ran for too long"), "{outcome:?}");
            // By its user. To look makes the log empty, so what grows then is this statement's.
            let notes = home.work().join("notes.db");
            assert_eq!(look::<i64>(&notes, "SELECT count(*) FROM notes"), 1);
            let mut child = c12(&home, kind, &["path=notes.db", "time-limit-ms=60000"], &["--sql", endless]).spawn();
            wait_for_writing(&notes);
            child.kill().unwrap();
            child.wait().unwrap();
            assert_eq!(look::<i64>(&notes, "SELECT count(*) FROM notes"), 1);
        }
    }

    fn a_guest_out_of_time_does_not_wait_for_its_statement() {
        let endless = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
        for kind in KINDS {
            let home = Home::new();
            let library = library("sqlite").display().to_string();
            let guest = guest(&format!("{kind}/use_sqlite"));
            let settings = ["--plugin-config", "sqlite.path=notes.db", "--plugin-config", "sqlite.time-limit-ms=600000"];
            let outcome = home
                .c12([&["run", "--timeout", "500ms", "--plugin", &library], &settings[..], &[&guest, "--", "--sql", endless]].concat())
                .run();
            assert_eq!(outcome.code, 124, "{outcome:?}");
            assert!(outcome.took < Duration::from_secs(60), "{outcome:?}");
        }
    }

    fn hostile_sql_is_refused() {
        for kind in KINDS {
            let home = Home::new();
            let secret = home.write("secret.db", "");
            let secret = secret.to_str().unwrap();
            for (sql, told) in [
                (format!("ATTACH '{secret}' AS s"), "not allowed (23): guests may not use ATTACH and VACUUM"),
                (format!("VACUUM INTO '{secret}'"), "not allowed (23): guests may not use ATTACH and VACUUM"),
                ("SELECT load_extension('/x.so')".to_owned(), "not allowed (23): guests may not use the function load_extension"),
                ("PRAGMA writable_schema = 1".to_owned(), "not allowed (23): guests may not use PRAGMA writable_schema with a value"),
                ("SELECT x'ff' || 'é'; SELECT 2".to_owned(), "misuse (0)"),
                ("SELEKT".to_owned(), "syntax (1)"),
            ] {
                let error = run(&home, kind, &["path=notes.db"], &["--sql", &sql]).failure(1);
                assert!(error.contains(told), "{sql}: {error}");
            }
            assert_eq!(std::fs::read(secret).unwrap(), b"");
        }
    }

    fn memory_is_limited() {
        let home = Home::new();
        let settings = ["path=notes.db", "max-memory-bytes=33554432", "time-limit-ms=60000"];
        // Sorting it would take all memory there is.
        let sql = "WITH RECURSIVE n (x) AS (SELECT zeroblob(1000000) UNION ALL SELECT zeroblob(1000000) FROM n) SELECT x FROM n ORDER BY x";
        let error = run(&home, "wasip2", &settings, &["--sql", sql]).failure(1);
        assert!(error.contains("too large (7)"), "{error}");
    }

    fn two_guests_at_once_lose_nothing() {
        let home = Home::new();
        let settings = ["path=notes.db", "busy-timeout-ms=60000"];
        run(&home, "wasip2", &settings, &["first"]).success();
        let notes: Vec<String> = (0..50).map(|number| format!("note {number}")).collect();
        let notes: Vec<&str> = notes.iter().map(String::as_str).collect();
        let children: Vec<Child> = KINDS
            .iter()
            .map(|kind| c12(&home, kind, &settings, &notes).spawn())
            .collect();
        for child in children {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{output:?}");
        }
        let file = home.work().join("notes.db");
        assert_eq!(look::<i64>(&file, "SELECT count(*) FROM notes"), 101);
        assert_eq!(look::<i64>(&file, "SELECT count(DISTINCT note) FROM notes"), 51);
    }

    fn settings_are_checked_before_the_guest_runs() {
        let home = Home::new();
        for (settings, told) in [
            (&[][..], "path"),
            (&["path=/nowhere/notes.db"], "unable to open database file"),
            (&["path=notes.db", "names=a/b"], "`a/b` is not 1 to 64 letters"),
            (&["path=notes.db", "max-rows=0"], "`max-rows` is 0"),
            (&["path=notes.db", "read-only=true"], "unable to open database file"),
        ] {
            let outcome = run(&home, "wasip2", settings, &["a"]);
            assert!([1, 2].contains(&outcome.code), "{outcome:?}");
            assert!(outcome.stderr.contains(told), "{told}: {outcome:?}");
        }
        let error = run(&home, "wasip1", &["path=notes.db", "names=other"], &["a"]).failure(1);
        assert!(error.contains("there is no database main"), "{error}");
    }

    fn the_sqlite_plugin_checks() {
        let home = Home::new();
        let library = library("sqlite");
        let check = ["plugin", "check", "--call", library.to_str().unwrap(), "--plugin-config", "sqlite.path=notes.db"];
        let checked = home.c12(check).run().success();
        assert!(checked.contains("ok       description: sqlite 0.1.0: SQLite databases"), "{checked}");
        assert!(checked.contains("c12:sqlite/database@0.1.0#[method]connection.query"), "{checked}");
    }
}
