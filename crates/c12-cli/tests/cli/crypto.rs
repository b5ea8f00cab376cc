//! What guests do with the plugin `crypto`: published test vectors on both faces, the SDK's documented examples, and a guest
//! that somebody else's bindings are for.

mod published;
mod vectors;

use crate::guests::{guest, with_guests};
use crate::harness::Home;

with_guests! {
    /// As many examples run as a core module and as a component, and none is left out.
    fn the_examples_of_the_sdk_run() {
        let documented = count_examples(&crate::guests::root().join("guest/src/crypto.rs"))
            + count_examples(&crate::guests::root().join("guest/src/crypto"));
        assert!(documented > 40, "{documented}");
        for target in ["wasip1", "wasip2"] {
            let home = Home::new();
            let app = guest(&format!("{target}/crypto_examples"));
            let printed = home.c12(["run", "--plugin-config", "crypto.store=secrets", &app]).run().success();
            assert_eq!(printed, format!("{documented} examples ran\n"), "{target}");
        }
    }

    /// Built with nothing but bindings from crates.io that were made for another runtime.
    fn a_foreign_guest_runs_unchanged() {
        let printed = Home::new().c12(["run", &guest("wasip1/foreign_crypto")]).run().success();
        let lines: Vec<&str> = printed.lines().collect();
        assert_eq!(lines.last(), Some(&"15 parts, all ok"), "{printed}");
        assert!(lines[..15].iter().all(|line| line.ends_with(": ok")), "{printed}");
    }
}

/// How many fenced examples the comments of a file or folder have.
pub(crate) fn count_examples(path: &std::path::Path) -> usize {
    if path.is_dir() {
        let entries = path.read_dir().unwrap();
        return entries
            .map(|entry| count_examples(&entry.unwrap().path()))
            .sum();
    }
    std::fs::read_to_string(path)
        .unwrap()
        .matches("```no_run")
        .count()
}
