//! Compiled artifacts and the compile cache.

use std::os::unix::fs::PermissionsExt;

use snapbox::{assert_data_eq, str};

use crate::harness::Home;

const ANSWER: &str = "(module (func (export \"answer\") (result i32) i32.const 42))";

fn compiled() -> Home {
    let home = Home::new();
    home.write("x.wat", ANSWER);
    home.c12(["compile", "x.wat"]).run().success();
    home
}

#[test]
fn what_was_compiled_here_runs() {
    let home = compiled();
    assert_eq!(
        home.c12(["run", "--invoke", "answer()", "x.cwasm"])
            .run()
            .success(),
        "42\n"
    );
    assert_eq!(
        home.key().metadata().unwrap().permissions().mode() & 0o777,
        0o600
    );
    let left: Vec<_> = home
        .work()
        .read_dir()
        .unwrap()
        .map(|file| file.unwrap().file_name())
        .collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn one_flipped_byte_is_refused_even_when_trusted() {
    let home = compiled();
    let path = home.work().join("x.cwasm");
    let whole = std::fs::read(&path).unwrap();
    for at in [
        0,
        100,
        whole.len() / 2,
        whole.len() - 90,
        whole.len() - 40,
        whole.len() - 1,
    ] {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        std::fs::write(&path, damaged).unwrap();
        let error = home
            .c12(["run", "--invoke", "answer()", "x.cwasm"])
            .run()
            .failure(1);
        assert!(
            error.contains("it is damaged") || error.contains("not made by"),
            "{at}: {error}"
        );
    }
    let mut damaged = whole;
    damaged[100] ^= 1;
    std::fs::write(&path, damaged).unwrap();
    assert_data_eq!(
        home.c12(["run", "--trust-precompiled", "x.cwasm"])
            .run()
            .failure(1),
        str![[r#"
error: cannot load the compiled artifact x.cwasm
  it is damaged: its contents do not match its digest
help: compile it again with `c12 compile`

"#]]
    );
}

#[test]
fn a_truncated_artifact_is_refused() {
    let home = compiled();
    let path = home.work().join("x.cwasm");
    let whole = std::fs::read(&path).unwrap();
    for length in [8, 100, whole.len() - 1] {
        std::fs::write(&path, &whole[..length]).unwrap();
        home.c12(["run", "--invoke", "answer()", "x.cwasm"])
            .run()
            .failure(1);
    }
}

#[test]
fn without_the_key_it_is_refused_unless_trusted() {
    let home = compiled();
    std::fs::remove_file(home.key()).unwrap();
    let error = home
        .c12(["run", "--invoke", "answer()", "x.cwasm"])
        .run()
        .failure(1);
    assert!(
        error.contains("there is no artifact key to check it with"),
        "{error}"
    );
    assert!(error.contains("--trust-precompiled"), "{error}");
    assert_eq!(
        home.c12([
            "run",
            "--trust-precompiled",
            "--invoke",
            "answer()",
            "x.cwasm"
        ])
        .run()
        .success(),
        "42\n"
    );
}

#[test]
fn an_artifact_of_another_user_is_refused_unless_trusted() {
    let (theirs, ours) = (compiled(), compiled());
    std::fs::copy(theirs.work().join("x.cwasm"), ours.work().join("y.cwasm")).unwrap();
    assert_data_eq!(
        ours.c12(["run", "--invoke", "answer()", "y.cwasm"])
            .run()
            .failure(1),
        str![[r#"
error: cannot load the compiled artifact y.cwasm
  it was not made by this user's c12 on this machine
help: compile it here with `c12 compile`, or pass `--trust-precompiled` if you trust whoever made it with your machine

"#]]
    );
    assert_eq!(
        ours.c12([
            "run",
            "--trust-precompiled",
            "--invoke",
            "answer()",
            "y.cwasm"
        ])
        .run()
        .success(),
        "42\n"
    );
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let home = compiled();
    std::fs::set_permissions(home.key(), std::fs::Permissions::from_mode(0o640)).unwrap();
    let error = home
        .c12(["run", "--invoke", "answer()", "x.cwasm"])
        .run()
        .failure(1);
    assert!(error.contains("others can read it (mode 0640)"), "{error}");
}

#[test]
fn limits_need_code_that_was_made_for_them() {
    let home = compiled();
    assert_data_eq!(
        home.c12(["run", "--timeout", "5s", "--invoke", "answer()", "x.cwasm"])
            .run()
            .failure(1),
        str![[r#"
error: cannot load the compiled artifact x.cwasm
  it was compiled without interruption points
help: compile it with `c12 compile --interruptible`, or run the .wasm file

"#]]
    );
    assert_data_eq!(
        home.c12(["run", "--fuel", "500", "--invoke", "answer()", "x.cwasm"])
            .run()
            .failure(1),
        str![[r#"
error: cannot load the compiled artifact x.cwasm
  it was compiled without fuel counting
help: compile it with `c12 compile --fuel`, or run the .wasm file

"#]]
    );
    home.c12([
        "compile",
        "--interruptible",
        "--fuel",
        "x.wat",
        "-o",
        "y.cwasm",
    ])
    .run()
    .success();
    for options in [
        &["--timeout", "5s"][..],
        &["--fuel", "500"],
        &["--timeout", "5s", "--fuel", "500"],
        &[],
    ] {
        let arguments = [&["run"], options, &["--invoke", "answer()", "y.cwasm"]].concat();
        assert_eq!(home.c12(arguments).run().success(), "42\n");
    }
}

#[test]
fn an_input_is_not_replaced_by_its_output() {
    let home = compiled();
    home.c12(["compile", "x.wat", "-o", "x.wat"])
        .run()
        .failure(2);
    assert_eq!(
        std::fs::read(home.work().join("x.wat")).unwrap(),
        ANSWER.as_bytes()
    );
    home.c12(["compile", "x.cwasm", "-o", "z.cwasm"])
        .run()
        .failure(2);
}

#[test]
fn an_unknown_target_is_refused() {
    let home = compiled();
    home.c12([
        "compile",
        "--target",
        "pdp11-dec-unix",
        "x.wat",
        "-o",
        "z.cwasm",
    ])
    .run()
    .failure(2);
    assert!(!home.work().join("z.cwasm").exists());
}

#[test]
fn other_machines_are_compiled_for_and_their_code_is_refused_here() {
    let home = compiled();
    for target in [
        "aarch64-unknown-linux-gnu",
        "x86_64-unknown-linux-gnu",
        "riscv64gc-unknown-linux-gnu",
        "s390x-unknown-linux-gnu",
    ] {
        home.c12(["compile", "--target", target, "x.wat", "-o", "z.cwasm"])
            .run()
            .success();
        let outcome = home.c12(["run", "--invoke", "answer()", "z.cwasm"]).run();
        if target.starts_with(std::env::consts::ARCH) {
            assert_eq!(outcome.success(), "42\n");
        } else {
            let error = outcome.failure(1);
            assert!(
                error.contains("it does not fit this machine"),
                "{target}: {error}"
            );
        }
    }
}

#[test]
fn an_output_that_cannot_be_written_is_an_error() {
    let home = compiled();
    let error = home
        .c12(["compile", "x.wat", "-o", "no/such/folder/x.cwasm"])
        .run()
        .failure(1);
    assert!(
        error.starts_with("error: cannot write no/such/folder/x.cwasm\n"),
        "{error}"
    );
}

/// The largest file that the shell lets its children write is smaller than the artifact.
#[test]
fn a_write_that_fails_leaves_nothing_behind_and_the_old_file_in_place() {
    let home = compiled();
    let functions: String = (0..500)
        .map(|n| format!("(func (export \"f{n}\") (result i32) i32.const {n})"))
        .collect();
    home.write("big.wat", format!("(module {functions})"));
    home.write("out/x.cwasm", "old\n");
    let script = "trap '' XFSZ; ulimit -f 8; c12 compile big.wat -o out/x.cwasm; echo code $?; cat out/x.cwasm; ls -A out";
    let outcome = home.shell(script).run();
    assert_eq!(outcome.stdout, "code 1\nold\nx.cwasm\n", "{outcome:?}");
    assert!(
        outcome
            .stderr
            .starts_with("error: cannot write out/x.cwasm\n  File too large"),
        "{outcome:?}"
    );
}

#[test]
fn a_full_device_is_an_error_and_stays_a_device() {
    use std::os::unix::fs::FileTypeExt;
    let home = compiled();
    let error = home
        .c12(["compile", "x.wat", "-o", "/dev/full"])
        .run()
        .failure(1);
    assert!(error.contains("No space left on device"), "{error}");
    assert!(
        std::fs::metadata("/dev/full")
            .unwrap()
            .file_type()
            .is_char_device()
    );
}

#[test]
fn without_a_place_for_the_key_nothing_is_compiled_to_a_file() {
    let home = Home::new();
    home.write("x.wat", ANSWER);
    let error = home
        .c12(["compile", "x.wat"])
        .env("C12_STATE_DIR", "/proc/c12")
        .run()
        .failure(2);
    assert!(error.contains("C12_STATE_DIR"), "{error}");
}

mod cache {
    use super::*;

    fn entries(home: &Home) -> Vec<std::path::PathBuf> {
        home.cache()
            .read_dir()
            .map(|files| files.map(|file| file.unwrap().path()).collect())
            .unwrap_or_default()
    }

    fn run(home: &Home) -> String {
        home.c12(["run", "--invoke", "answer()", "x.wat"])
            .run()
            .success()
    }

    fn home() -> Home {
        let home = Home::new();
        home.write("x.wat", ANSWER);
        home
    }

    #[test]
    fn the_second_run_finds_what_the_first_compiled() {
        let home = home();
        run(&home);
        let log = home
            .c12(["run", "--log", "debug", "--invoke", "answer()", "x.wat"])
            .run();
        assert!(
            !log.stderr.contains("compiled") && log.stdout == "42\n",
            "{log:?}"
        );
        assert_eq!(entries(&home).len(), 1);
    }

    #[test]
    fn it_can_be_left_alone() {
        let home = home();
        home.c12(["run", "--no-cache", "--invoke", "answer()", "x.wat"])
            .run()
            .success();
        assert!(entries(&home).is_empty());
    }

    #[test]
    fn a_tampered_entry_is_compiled_again() {
        let home = home();
        run(&home);
        let entry = entries(&home).remove(0);
        let mut bytes = std::fs::read(&entry).unwrap();
        let good = bytes.clone();
        bytes[200] ^= 0xff;
        std::fs::write(&entry, bytes).unwrap();
        assert_eq!(run(&home), "42\n");
        assert_eq!(std::fs::read(&entry).unwrap().len(), good.len());
        std::fs::write(&entry, b"").unwrap();
        assert_eq!(run(&home), "42\n");
    }

    #[test]
    fn an_entry_under_another_name_is_compiled_again() {
        let home = home();
        run(&home);
        let first = entries(&home).remove(0);
        home.write(
            "y.wat",
            "(module (func (export \"answer\") (result i32) i32.const 7))",
        );
        let other = || {
            home.c12(["run", "--invoke", "answer()", "y.wat"])
                .run()
                .success()
        };
        assert_eq!(other(), "7\n");
        let second = entries(&home)
            .into_iter()
            .find(|entry| *entry != first)
            .unwrap();
        std::fs::copy(&first, &second).unwrap();
        assert_eq!(other(), "7\n");
    }

    #[test]
    fn a_folder_that_others_can_write_is_not_used() {
        let home = home();
        run(&home);
        std::fs::set_permissions(home.cache(), std::fs::Permissions::from_mode(0o777)).unwrap();
        let outcome = home
            .c12(["run", "--log", "warn", "--invoke", "answer()", "x.wat"])
            .run();
        assert!(
            outcome.stdout == "42\n" && outcome.stderr.contains("others can write it"),
            "{outcome:?}"
        );
    }

    #[test]
    fn a_pipe_in_the_place_of_an_entry_does_not_block() {
        let home = home();
        run(&home);
        let entry = entries(&home).remove(0);
        std::fs::remove_file(&entry).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(&entry)
            .status()
            .unwrap();
        assert!(made.success());
        assert_eq!(run(&home), "42\n");
    }

    #[test]
    fn an_entry_of_another_key_is_compiled_again() {
        let home = home();
        run(&home);
        std::fs::remove_file(home.key()).unwrap();
        assert_eq!(run(&home), "42\n");
    }

    #[test]
    fn a_folder_that_cannot_be_written_costs_nothing_but_time() {
        let home = home();
        for folder in ["/proc/c12", "/dev/null/c12"] {
            let outcome = home
                .c12(["run", "--invoke", "answer()", "x.wat"])
                .env("C12_CACHE_DIR", folder)
                .run();
            assert_eq!(
                (outcome.stdout.as_str(), outcome.stderr.as_str()),
                ("42\n", ""),
                "{outcome:?}"
            );
        }
        let outcome = home
            .c12(["run", "--invoke", "answer()", "x.wat"])
            .env("C12_STATE_DIR", "/proc/c12")
            .run();
        assert_eq!(
            (outcome.stdout.as_str(), outcome.stderr.as_str()),
            ("42\n", ""),
            "{outcome:?}"
        );
    }

    #[test]
    fn it_stays_within_its_size() {
        let home = Home::new();
        home.write("c12.toml", "[engine]\ncache-size = \"64KiB\"\n");
        for n in 0..12 {
            home.write(
                "x.wat",
                format!("(module (func (export \"answer\") (result i32) i32.const {n}))"),
            );
            let printed = home
                .c12([
                    "run", "--config", "c12.toml", "--invoke", "answer()", "x.wat",
                ])
                .run()
                .success();
            assert_eq!(printed, format!("{n}\n"));
        }
        let total: u64 = entries(&home)
            .iter()
            .map(|entry| entry.metadata().unwrap().len())
            .sum();
        assert!(total <= 64 << 10, "{total}");
        assert!(!entries(&home).is_empty());
    }

    #[test]
    fn runs_at_once_and_kills_do_not_hurt_it() {
        let home = home();
        for round in 0..5 {
            let children: Vec<_> = (0..6)
                .map(|_| home.c12(["run", "--invoke", "answer()", "x.wat"]).spawn())
                .collect();
            for (index, mut child) in children.into_iter().enumerate() {
                if index % 2 == 0 {
                    std::thread::sleep(std::time::Duration::from_millis(round * 7));
                    let _ = child.kill();
                }
                let _ = child.wait_with_output();
            }
            assert_eq!(run(&home), "42\n");
        }
        assert_eq!(
            entries(&home)
                .iter()
                .filter(|entry| entry.extension().is_some_and(|e| e == "cwasm"))
                .count(),
            1
        );
    }
}
