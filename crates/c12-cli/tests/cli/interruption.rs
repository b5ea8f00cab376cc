//! Ctrl-C at any time ends the program, with a word and with nothing left behind.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::guests::{guest, with_guests};
use crate::harness::Home;

/// Starts the program and interrupts it in the midst of compiling.
fn interrupted_while_compiling(home: &Home, arguments: &[&str]) -> Output {
    let mut child = home.c12(arguments).spawn();
    let threads = format!("/proc/{}/task", child.id());
    let started = Instant::now();
    // The compiler is the first to start threads.
    while std::fs::read_dir(&threads).map_or(0, |threads| threads.count()) < 2 {
        assert!(
            child.try_wait().unwrap().is_none() && started.elapsed() < Duration::from_secs(60),
            "it never compiled"
        );
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(100));
    let kill = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(kill.success(), "it had ended");
    child.wait_with_output().unwrap()
}

#[track_caller]
fn told(output: &Output) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(
        (
            output.status.code(),
            text(&output.stdout),
            text(&output.stderr)
        ),
        (Some(130), String::new(), "error: interrupted\n".to_owned())
    );
}

fn files(folder: &std::path::Path) -> Vec<std::ffi::OsString> {
    folder
        .read_dir()
        .map(|entries| entries.map(|entry| entry.unwrap().file_name()).collect())
        .unwrap_or_default()
}

with_guests! {
    fn ctrl_c_while_compiling_to_a_file_leaves_nothing() {
        let home = Home::new();
        std::fs::create_dir(home.work().join("out")).unwrap();
        told(&interrupted_while_compiling(&home, &["compile", &guest("foreign/boolector"), "-o", "out/x.cwasm"]));
        assert!(files(&home.work().join("out")).is_empty());
        assert_eq!(files(&home.work()), ["out"]);
    }

    fn ctrl_c_while_compiling_leaves_the_older_artifact() {
        let home = Home::new();
        home.write("out/x.cwasm", "old");
        told(&interrupted_while_compiling(&home, &["compile", &guest("foreign/boolector"), "-o", "out/x.cwasm"]));
        assert_eq!(files(&home.work().join("out")), ["x.cwasm"]);
        assert_eq!(std::fs::read(home.work().join("out/x.cwasm")).unwrap(), b"old");
    }

    fn ctrl_c_while_compiling_leaves_nothing_in_the_cache() {
        let home = Home::new();
        told(&interrupted_while_compiling(&home, &["run", &guest("foreign/boolector"), "--", "--help"]));
        assert!(files(&home.cache()).is_empty());
        assert!(files(&home.work()).is_empty());
    }
}
