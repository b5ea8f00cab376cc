//! The numbered examples print what their documentation says.

use std::path::Path;
use std::process::Command;

use crate::guests::{guest, root, with_guests};
use crate::harness::{Home, Outcome};

#[track_caller]
fn gives(app: &str, call: &str, expected: &str) {
    assert_eq!(
        Home::new()
            .c12(["run", "--invoke", call, app])
            .run()
            .success(),
        format!("{expected}\n"),
        "{call}"
    );
}

/// `wc`'s figures for a file: lines, words, bytes.
fn wc(path: &Path) -> [u64; 3] {
    let output = Command::new("wc")
        .arg("-lwc")
        .arg(path)
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let figures: Vec<u64> = text
        .split_whitespace()
        .take(3)
        .map(|figure| figure.parse().unwrap())
        .collect();
    figures.try_into().unwrap()
}

/// A line of example 03: what a loop took, in microseconds.
struct Row<'a> {
    name: &'a str,
    scalar: f64,
    wide: f64,
    ratio: f64,
}

fn row(line: &str) -> Row<'_> {
    let (name, figures) = line.split_at(12);
    let figures: Vec<&str> = figures.split_whitespace().collect();
    let [scalar, "us", wide, "us", ratio, "equal"] = figures[..] else {
        panic!("{line}");
    };
    Row {
        name: name.trim_end(),
        scalar: scalar.parse().unwrap(),
        wide: wide.parse().unwrap(),
        ratio: ratio.strip_suffix('x').unwrap().parse().unwrap(),
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

with_guests! {
    fn e01_adds_as_a_module_and_as_a_component() {
        gives(&guest("wasip1/01_basic_add"), "add(2147483647, 1)", "-2147483648");
        gives(&guest("wasip1/01_basic_add"), "saturating_add(2147483647, 1)", "2147483647");
        assert_eq!(Home::new().c12(["run", "--invoke", "checked_add(2147483647, 1)", &guest("wasip1/01_basic_add")]).run().code, 134);
        let component = guest("wasip2/01_basic_add");
        gives(&component, "add(1, 2)", "3");
        gives(&component, "checked-add(2147483647, 1)", "none");
        gives(&component, "sum([1, 2, 3])", "ok(6)");
        gives(&component, "sum([2147483647, 1])", "err(overflow)");
        gives(&component, "div-mod(17, 5)", "ok((3, 2))");
        gives(&component, "div-mod(1, 0)", "err(division-by-zero)");
    }

    fn e02_keeps_unicode_whole() {
        let app = guest("wasip2/02_string_operations");
        gives(&app, "reverse(\"año 🇩🇪!\")", "\"!🇩🇪 oña\"");
        gives(&app, "upper(\"straße\")", "\"STRASSE\"");
        gives(&app, "word-count(\"one two  three\")", "3");
        gives(&app, "is-palindrome(\"A man, a plan, a canal: Panama\")", "true");
        gives(&app, "split(\"a,b,,c\", \",\")", "ok([\"a\", \"b\", \"\", \"c\"])");
        gives(&app, "join([\"x\", \"y\"], \"-\")", "\"x-y\"");
        gives(&app, "find(\"日本語\", \"語\")", "some(2)");
        gives(&app, "find(\"abc\", \"z\")", "none");
        gives(&app, "parse-number(\"-12\")", "ok(-12)");
    }

    fn e03_measures_simd_against_scalar() {
        // 1000 is no multiple of 16, so the loops' ends are at work too.
        for (target, arguments, elements) in [("wasip1", &[][..], "1048576"), ("wasip2", &["1000"][..], "1000")] {
            let app = guest(&format!("{target}/03_array_processing"));
            let text = Home::new().c12([&["run", &app, "--"], arguments].concat()).run().success();
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(lines[0], format!("{elements} elements, best of 7 rounds"));
            assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>(), ["loop", "scalar", "wide", "ratio", "results"]);
            let rows: Vec<Row<'_>> = lines[2..].iter().map(|line| row(line)).collect();
            let names: Vec<&str> = rows.iter().map(|row| row.name).collect();
            assert_eq!(names, ["brighten", "dot product", "count", "memory copy"]);
            for row in rows {
                // Both times are rounded to a tenth of a microsecond, and so is what they say about the ratio.
                let (least, most) = ((row.scalar - 0.1) / (row.wide + 0.1), (row.scalar + 0.1) / (row.wide - 0.1).max(1e-3));
                assert!(row.scalar > 0.0 && (least - 0.01..most + 0.01).contains(&row.ratio), "{text}");
            }
        }
    }

    fn e03_uses_what_it_measures() {
        for target in ["wasip1", "wasip2"] {
            let report = Home::new().c12(["inspect", "--json", &guest(&format!("{target}/03_array_processing"))]).run().success();
            let report: serde_json::Value = serde_json::from_str(&report).unwrap();
            for feature in ["simd", "bulk-memory"] {
                let used = report["features"].as_array().unwrap().iter().find(|used| used["feature"] == feature);
                assert!(used.is_some_and(|used| used["uses"].as_u64() > Some(3)), "{target} {feature}: {report}");
            }
        }
    }

    fn e03_refuses_what_is_no_length() {
        for (target, code) in [("wasip1", 2), ("wasip2", 1)] {
            let app = guest(&format!("{target}/03_array_processing"));
            for argument in ["0", "many", "67108865", "-1"] {
                assert_eq!(
                    Home::new().c12(["run", &app, "--", argument]).run().failure(code),
                    format!("03_array_processing: error: expected the number of elements, 1 to 67108864, not `{argument}`\n  see `03_array_processing --help`\n")
                );
            }
        }
    }

    fn e04_counts_with_a_resource() {
        let app = guest("wasip2/04_counter_class");
        let told = [
            "new counter: 40",
            "increment: 41",
            "increment: 42",
            "add 2 to a counter up to 3: 2",
            "add 2 again: refused, the limit is 3",
            "history: [0, 2]",
            "live counters: 2",
            "merged: 44",
            "live counters: 1",
            "live counters at the end: 0",
        ];
        gives(&app, "demo()", &format!("[\"{}\"]", told.join("\", \"")));
        gives(&app, "live()", "0");
        let error = Home::new().c12(["run", "--invoke", "compare(1, 2)", &app]).run().failure(2);
        assert!(error.contains("a resource handle cannot be written as text"), "{error}");
    }

    fn e05_processes_files_of_the_directories_it_was_granted() {
        let home = Home::new();
        home.write("in/a.txt", "one\ntwo\n");
        home.write("in/b.txt", "three\n");
        std::fs::create_dir(home.work().join("out")).unwrap();
        let app = guest("wasip1/05_wasi_file_processor");
        let dirs = ["run", "--dir", "in::/in:ro", "--dir", "out::/out"];
        home.c12([&dirs[..], &[&app, "--", "--number", "--upper", "--report", "/out/report.txt", "/in", "/out"]].concat()).run().success();
        let a = std::fs::read_to_string(home.work().join("out/a.txt")).unwrap();
        assert!(a.contains("ONE") && a.contains('1') && a.lines().count() == 2, "{a}");
        assert!(home.work().join("out/report.txt").exists());
        let refused = home.c12(["run", "--dir", "in::/in:ro", &app, "--", "--upper", "/in", "/in"]).run();
        assert_ne!(refused.code, 0, "{refused:?}");
        assert_eq!(std::fs::read_to_string(home.work().join("in/a.txt")).unwrap(), "one\ntwo\n");
        assert_eq!(home.c12(["run", &app, "--", "--frobnicate"]).run().code, 2);
    }

    /// The figures are those of `wc`, for every text of the repository's documentation.
    fn e09_counts_as_wc_does() {
        let docs = root().join("docs");
        let text = Home::new()
            .c12(["run", "--dir", &format!("{}::/docs:ro", docs.display()), &guest("wasip2/09_wasi_02_component_example"), "--", "stats", "/docs"])
            .run()
            .success();
        let mut total = [0; 3];
        let found = files(&docs);
        assert!(!found.is_empty());
        for path in &found {
            let figures = wc(path);
            for (sum, figure) in total.iter_mut().zip(figures) {
                *sum += figure;
            }
            let name = format!("/docs/{}", path.strip_prefix(&docs).unwrap().display());
            let line = text.lines().find(|line| line.ends_with(&name)).unwrap_or_else(|| panic!("{name} is not in {text}"));
            let told: Vec<u64> = line.split_whitespace().take(3).map(|figure| figure.parse().unwrap()).collect();
            assert_eq!(told, figures, "{name}");
        }
        let last = text.lines().last().unwrap();
        let told: Vec<u64> = last.split_whitespace().take(3).map(|figure| figure.parse().unwrap()).collect();
        assert!(told == total && last.contains(&format!("{} files", found.len())), "{last}");
    }

    fn e09_is_refused_without_the_grant() {
        let error = Home::new().c12(["run", &guest("wasip2/09_wasi_02_component_example"), "--", "stats", "/docs"]).run().failure(1);
        assert!(error.contains("cannot read /docs") && error.contains("--dir"), "{error}");
    }

    fn e09_reads_writes_lists_and_transforms() {
        let home = Home::new();
        home.write("w/a.txt", "Hello World\nhello again\n");
        let run = |rest: &[&str]| -> Outcome {
            let app = guest("wasip2/09_wasi_02_component_example");
            home.c12([&["run", "--dir", "w::/w", "--env", "GREETING=hi", &app, "--"], rest].concat()).run()
        };
        assert_eq!(run(&["read", "/w/a.txt"]).success(), "Hello World\nhello again\n");
        assert!(run(&["list", "/w"]).success().contains("a.txt"));
        assert!(run(&["stat", "/w/a.txt"]).success().contains("24"));
        assert!(run(&["transform", "upper", "/w/a.txt"]).success().starts_with("HELLO WORLD\n"));
        assert!(run(&["analyse", "/w/a.txt"]).success().contains("hello"));
        assert!(run(&["env"]).success().contains("GREETING"));
        run(&["read", "/w/none.txt"]).failure(1);
        // A component has no exit code but success and failure.
        assert_eq!(run(&["frobnicate"]).code, 1);
    }

    fn e09_runs_the_same_under_wasmtime() {
        let Some(wasmtime) = std::env::var_os("C12_WASMTIME") else {
            panic!("C12_WASMTIME does not name Wasmtime's program; run the tests with `cargo xtask test`");
        };
        let docs = format!("{}::/docs", root().join("docs").display());
        let app = guest("wasip2/09_wasi_02_component_example");
        let theirs = Command::new(wasmtime).args(["run", "--dir", &docs, &app, "stats", "/docs"]).output().unwrap();
        let ours = Home::new().c12(["run", "--dir", &docs, &app, "--", "stats", "/docs"]).run().success();
        assert_eq!(String::from_utf8(theirs.stdout).unwrap(), ours);
    }

    /// Every line is a comparison that came out right; what a module says, a component says.
    fn e11_checks_all_that_it_demonstrates() {
        let demonstrate = |target: &str| Home::new().c12(["run", &guest(&format!("{target}/11_crypto_operations"))]).run().success();
        let printed = demonstrate("wasip1");
        let checks = printed.lines().filter(|line| line.starts_with("  ok  ")).count();
        assert!(checks > 80 && printed.ends_with(&format!("{checks} checks, all ok\n")), "{printed}");
        for part in ["symmetric encryption", "signatures", "digests and authentication", "key derivation", "a conversation of two"] {
            assert!(printed.lines().any(|line| line == part), "{part}: {printed}");
        }
        assert_eq!(demonstrate("wasip2"), printed);
    }

    fn e11_hashes_as_the_system_does() {
        let home = Home::new();
        // More than one piece.
        let path = home.write("w/file", "0123456789abcdef\n".repeat(10_000));
        for target in ["wasip1", "wasip2"] {
            let app = guest(&format!("{target}/11_crypto_operations"));
            for (program, algorithm) in [("sha256sum", "sha256"), ("sha384sum", "sha384"), ("sha512sum", "sha512"), ("b2sum", "blake2b")] {
                let expected = Command::new(program).arg(&path).output().unwrap().stdout;
                let expected = String::from_utf8(expected).unwrap();
                let printed = home.c12(["run", "--dir", "w::/w:ro", &app, "--", "hash", "--algorithm", algorithm, "/w/file"]).run().success();
                assert_eq!(printed.split_once(' ').unwrap().0, expected.split_once(' ').unwrap().0, "{algorithm}");
            }
        }
    }

    /// What a module seals and signs, a component opens and verifies.
    fn e11_seals_and_signs_files() {
        let home = Home::new();
        home.write("w/letter", "meet me at the old mill");
        let run = |target: &str, words: &[&str]| {
            let app = guest(&format!("{target}/11_crypto_operations"));
            home.c12([&["run", "--dir", "w::/w", &app, "--"], words].concat()).run()
        };
        run("wasip1", &["new-key", "/w/key"]).success();
        run("wasip1", &["seal", "/w/key", "/w/letter", "/w/sealed"]).success();
        run("wasip2", &["open", "/w/key", "/w/sealed", "/w/opened"]).success();
        let read = |name: &str| std::fs::read(home.work().join("w").join(name)).unwrap();
        assert_eq!(read("opened"), b"meet me at the old mill");
        let mut changed = read("sealed");
        changed[20] ^= 1;
        home.write("w/changed", changed);
        let error = run("wasip2", &["open", "/w/key", "/w/changed", "/w/none"]).failure(1);
        assert!(error.contains("invalid_tag") && !home.work().join("w/none").exists(), "{error}");
        // A key that is there is not written over.
        run("wasip1", &["new-key", "/w/key"]).failure(1);

        run("wasip2", &["new-signing-key", "/w/secret.pem", "/w/public.pem"]).success();
        run("wasip1", &["sign", "/w/secret.pem", "/w/letter", "/w/signature"]).success();
        assert!(run("wasip2", &["verify", "/w/public.pem", "/w/letter", "/w/signature"]).success().contains("authentic"));
        let error = run("wasip2", &["verify", "/w/public.pem", "/w/sealed", "/w/signature"]).failure(1);
        assert!(error.contains("not authentic"), "{error}");
    }

    /// The key is in the host's store, and neither in the guest's files nor to be had by it.
    fn e11_uses_keys_that_stay_with_the_host() {
        let home = Home::new();
        home.write("w/letter", "meet me at the old mill");
        let run = |target: &str, words: &[&str]| {
            let app = guest(&format!("{target}/11_crypto_operations"));
            let words = [&["run", "--dir", "w::/w", "--plugin-config", "crypto.store=vault", &app, "--"], words].concat();
            home.c12(words).run()
        };
        run("wasip1", &["new-stored-key", "/w/name"]).success();
        let name = std::fs::read_to_string(home.work().join("w/name")).unwrap();
        assert!(name.starts_with("stored ") && name.len() == "stored ".len() + 33, "{name}");
        run("wasip2", &["seal", "/w/name", "/w/letter", "/w/sealed"]).success();
        run("wasip1", &["open", "/w/name", "/w/sealed", "/w/opened"]).success();
        run("wasip2", &["revoke", "/w/name"]).success();
        let error = run("wasip1", &["open", "/w/name", "/w/sealed", "/w/again"]).failure(1);
        assert!(error.contains("not_found"), "{error}");

        let app = guest("wasip2/11_crypto_operations");
        let error = home.c12(["run", "--dir", "w::/w", &app, "--", "new-stored-key", "/w/other"]).run().failure(1);
        assert!(error.contains("crypto.store"), "{error}");
    }

    fn e11_derives_the_same_key_from_the_same_password() {
        let derive = |target: &str, password: &str| {
            let app = guest(&format!("{target}/11_crypto_operations"));
            Home::new().c12(["run", &app, "--", "derive", "salt and more"]).stdin(password).run().success()
        };
        let key = derive("wasip1", "correct horse\n");
        assert_eq!(key.trim_end().len(), 64);
        assert_eq!(derive("wasip2", "correct horse"), key);
        assert_ne!(derive("wasip2", "incorrect horse"), key);
    }

    fn e11_lets_two_talk() {
        for target in ["wasip1", "wasip2"] {
            let app = guest(&format!("{target}/11_crypto_operations"));
            let printed = Home::new().c12(["run", &app, "--", "conversation"]).run().success();
            for part in ["received: Are you there?", "received: Always.", "received: Nine o'clock, the old mill."] {
                assert!(printed.contains(part), "{printed}");
            }
            assert_eq!(printed.matches("Mallory changes a bit: invalid_tag").count(), 3, "{printed}");
            assert_eq!(printed.matches("Mallory sends it again: replayed").count(), 3, "{printed}");
        }
    }

    /// A program that nobody here wrote: an SMT solver, in WASI 0.1 with exceptions.
    fn boolector_solves() {
        let home = Home::new();
        home.write(
            "w/t.smt2",
            "(set-logic QF_BV)\n(declare-fun x () (_ BitVec 32))\n(assert (= (bvmul x x) (_ bv81 32)))\n(assert (bvult x (_ bv256 32)))\n(check-sat)\n",
        );
        let outcome = home.c12(["run", "--dir", "w::/w", &guest("foreign/boolector"), "--", "-m", "/w/t.smt2"]).run();
        assert_eq!(outcome.code, 10, "{outcome:?}");
        assert!(outcome.stdout.starts_with("sat\n") && outcome.stdout.contains("00000000000000000000000000001001"), "{outcome:?}");
    }

    /// Every built guest is at least looked at, so that none is forgotten.
    fn every_guest_can_be_inspected() {
        let folder = std::path::PathBuf::from(std::env::var_os("C12_GUESTS").unwrap());
        let mut seen = 0;
        for target in ["wasip1", "wasip2", "c", "foreign"] {
            for path in files(&folder.join(target)) {
                if path.extension().is_some_and(|extension| extension == "wasm") {
                    let report = Home::new().c12(["inspect", "--json", path.to_str().unwrap()]).run().success();
                    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
                    let kind = if target == "wasip2" { "component" } else { "module" };
                    assert_eq!(report["kind"], kind, "{}", path.display());
                    seen += 1;
                }
            }
        }
        assert!(seen > 20, "{seen}");
    }
}

mod fetching {
    use super::*;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;

    /// An HTTP server on loopback that answers `/hello` and `/slow`, and 404 to anything else.
    pub(crate) fn server() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                std::thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    let mut reader = BufReader::new(stream.try_clone().unwrap());
                    let mut request = String::new();
                    reader.read_line(&mut request).unwrap();
                    let mut length = 0;
                    loop {
                        let mut line = String::new();
                        if reader.read_line(&mut line).unwrap_or(0) <= 2 {
                            break;
                        }
                        if let Some(value) =
                            line.to_ascii_lowercase().strip_prefix("content-length:")
                        {
                            length = value.trim().parse().unwrap();
                        }
                    }
                    let mut body = vec![0; length];
                    let _ = reader.read_exact(&mut body);
                    let (status, body) = match request.split(' ').nth(1) {
                        Some("/hello") => ("200 OK", "Hello from the server".to_owned()),
                        Some("/length") => ("200 OK", format!("{length} bytes")),
                        Some("/slow") => {
                            std::thread::sleep(std::time::Duration::from_secs(5));
                            ("200 OK", "late".to_owned())
                        }
                        _ => ("404 Not Found", "nothing here".to_owned()),
                    };
                    let _ = write!(
                        stream,
                        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                        body.len()
                    );
                });
            }
        });
        port
    }

    with_guests! {
        fn e06_fetches_several_at_once() {
            let port = server();
            let app = guest("wasip2/06_async_fetch");
            let url = |path: &str| format!("http://127.0.0.1:{port}/{path}");
            let text = Home::new().c12(["run", "--net", "loopback", &app, "--", &url("hello"), &url("hello")]).run().success();
            assert!(text.matches("Hello from the server").count() == 2 && text.contains("200"), "{text}");
            let outcome = Home::new().c12(["run", "--net", "loopback", &app, "--", &url("hello"), &url("none")]).run();
            assert!(outcome.code == 1 && outcome.stdout.contains("404"), "{outcome:?}");
        }

        fn e06_gives_up_on_a_slow_server() {
            let port = server();
            let outcome = Home::new()
                .c12(["run", "--net", "loopback", &guest("wasip2/06_async_fetch"), "--", "--timeout", "300", &format!("http://127.0.0.1:{port}/slow")])
                .run();
            assert!(outcome.code == 1 && outcome.took < std::time::Duration::from_secs(4), "{outcome:?}");
        }

        fn e06_reaches_nothing_without_a_grant() {
            let port = server();
            let app = guest("wasip2/06_async_fetch");
            let url = format!("http://127.0.0.1:{port}/hello");
            for rule in [None, Some("192.0.2.0/24"), Some("127.0.0.1:1"), Some("example.com")] {
                let mut arguments = vec!["run"];
                arguments.extend(rule.iter().flat_map(|rule| ["--net", rule]));
                let outcome = Home::new().c12([&arguments[..], &[&app, "--", &url]].concat()).run();
                assert!(outcome.code == 1 && !outcome.stdout.contains("Hello"), "{rule:?}: {outcome:?}");
            }
        }

        fn a_body_is_sent() {
            let port = server();
            let text = Home::new()
                .c12(["run", "--net", "loopback", &guest("wasip2/http_post"), "--", &format!("http://127.0.0.1:{port}/length"), "100000"])
                .run()
                .success();
            assert!(text.contains("100000 bytes"), "{text}");
        }
    }
}
