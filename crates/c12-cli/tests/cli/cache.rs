//! The compile cache: found again, refused when anything about it is wrong, and never in the way.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::time::{Duration, SystemTime};

use crate::artifacts::ANSWER;
use crate::harness::Home;

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
    let file = home.work().join("x.wat");
    for folder in ["/proc/c12", "/dev/null/c12", file.to_str().unwrap()] {
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

/// What a shell puts in front of a command for which permissions hold: root may ignore them otherwise.
fn bound_by_permissions(home: &Home) -> &'static str {
    if home.work().metadata().unwrap().uid() == 0 {
        "setpriv --bounding-set -dac_override,-dac_read_search --inh-caps=-all"
    } else {
        "env"
    }
}

/// A folder that was filled before it became read-only, as in the image of a container.
#[test]
fn a_read_only_folder_serves_what_it_holds() {
    let home = home();
    run(&home);
    home.write(
        "y.wat",
        "(module (func (export \"answer\") (result i32) i32.const 7))",
    );
    let entry = entries(&home).remove(0);
    // So long ago that its time would be renewed.
    let long_ago = SystemTime::now() - Duration::from_secs(3 * 60 * 60);
    let file = std::fs::File::open(&entry).unwrap();
    file.set_modified(long_ago).unwrap();
    let allow = |path: &std::path::Path, mode: u32| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    allow(&entry, 0o400);
    allow(&home.cache(), 0o500);
    let bound = bound_by_permissions(&home);
    let made = home
        .shell(&format!("{bound} touch {}/new", home.cache().display()))
        .run();
    assert!(made.stderr.contains("Permission denied"), "{made:?}");

    let answers = |options: &str, app: &str| {
        home.shell(&format!(
            "{bound} c12 run {options} --invoke 'answer()' {app}"
        ))
        .run()
    };
    let hit = answers("", "x.wat");
    assert_eq!(
        (hit.code, hit.stdout.as_str(), hit.stderr.as_str()),
        (0, "42\n", ""),
        "{hit:?}"
    );
    let log = answers("--log debug", "x.wat");
    assert!(!log.stderr.contains("compile"), "it was no hit: {log:?}");
    let miss = answers("", "y.wat");
    assert_eq!(
        (miss.code, miss.stdout.as_str(), miss.stderr.as_str()),
        (0, "7\n", ""),
        "{miss:?}"
    );
    assert_eq!(entries(&home), [entry]);
    // So that the folder can be removed.
    allow(&home.cache(), 0o700);
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
