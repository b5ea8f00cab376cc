//! The tests of the API under valgrind.

use std::process::Command;

use super::{Needs, Tests};

/// Tests that are slow there, or that WebAssembly's own faults belong to, which valgrind takes for errors.
const WITHOUT: [&str; 7] = [
    "a_thousand_instances",
    "instances_run_on_many_threads",
    "references_made_within",
    "text_tools",
    "truncated",
    "the_time_limit",
    "valgrind",
];

pub(crate) fn list(tests: &mut Tests) {
    tests.add("valgrind_finds_nothing", Needs::Valgrind, || {
        let mut valgrind = Command::new("valgrind");
        valgrind
            .args(["--error-exitcode=9", "--num-callers=20"])
            // What the dynamic linker keeps is its own affair.
            .args(["--leak-check=full", "--show-leak-kinds=definite"])
            .args([
                "--errors-for-leak-kinds=definite",
                "--suppressions=tests/valgrind.supp",
            ])
            .arg(std::env::current_exe().unwrap())
            .arg("--test-threads=1")
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("C12_TEST_CFLAGS", "-DUNDER_VALGRIND")
            .env_remove("C12_WASMEDGE");
        for name in WITHOUT {
            valgrind.args(["--skip", name]);
        }
        let output = valgrind.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned()
            + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
        assert!(text.contains("test result: ok"), "{text}");
    });
}
