//! Program options as settings.

use std::path::{Path, PathBuf};

use super::{Needs, Tests};
use super::{compile, run};
use c12::HostBuilder;

const GUEST: &str = r#"(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "options" "show" (func $show (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64))
    (i32.store (i32.const 4) (call $show (i32.const 64)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"#;

const MORE: &str = r#"(module
  (import "options" "more" (func $more (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "go") (result i32) (call $more (i32.const 0))))"#;

const GIVEN: [(&str, &str); 12] = [
    ("toggle-option", "true"),
    ("i8-option", "-128"),
    ("i16-option", "-32768"),
    ("i32-option", "-2147483648"),
    ("i64-option", "-9223372036854775808"),
    ("u8-option", "255"),
    ("u16-option", "65535"),
    ("u32-option", "4294967295"),
    ("u64-option", "18446744073709551615"),
    ("f32-option", "1.5"),
    ("f64-option", "-2.25"),
    ("text-option", "some text"),
];

fn plugin() -> PathBuf {
    compile::plugin(&compile::source("options.c"), "options", &[])
}

fn with(path: &Path, given: &[(&str, &str)]) -> HostBuilder {
    given.iter().fold(run::host(path), |host, (key, value)| {
        host.setting("options", *key, *value)
    })
}

fn refused(given: &[(&str, &str)]) -> String {
    let error = run::link(with(&plugin(), given), GUEST).unwrap_err();
    run::causes(&error)
}

pub(crate) fn list(tests: &mut Tests) {
    tests.add("options_are_stored_as_in_wasmedge", Needs::WasmEdge, || {
        let plugin = plugin();
        let options: Vec<String> = GIVEN
            .iter()
            .map(|(key, value)| match *key {
                "toggle-option" => "--toggle-option".to_owned(),
                key => format!("--{key}={value}"),
            })
            .collect();
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let (expected, code) = run::in_wasmedge(&plugin, GUEST, &options);
        assert_eq!(code, 0, "{expected}");
        assert_eq!(run::output(with(&plugin, &GIVEN), GUEST).0, expected);
        // What is not given is left alone.
        let (expected, _) = run::in_wasmedge(&plugin, GUEST, &[]);
        assert_eq!(run::output(with(&plugin, &[]), GUEST).0, expected);
        let (expected, _) = run::in_wasmedge(&plugin, GUEST, &["--text-option="]);
        assert_eq!(
            run::output(with(&plugin, &[("text-option", "")]), GUEST).0,
            expected
        );
    });
    tests.add("options_of_all_types_are_stored", Needs::Header, || {
        let (found, _) = run::output(with(&plugin(), &GIVEN), GUEST);
        assert_eq!(
            found,
            "1 -128 -32768 -2147483648 -9223372036854775808 255 65535 4294967295 18446744073709551615 1.5 -2.25 'some text' set\n"
        );
    });
    tests.add("values_that_do_not_fit_are_refused", Needs::Header, || {
        for (key, value, expected) in [
            (
                "i8-option",
                "128",
                "`options.i8-option` must be an integer from -128 to 127, not `128`",
            ),
            (
                "u64-option",
                "-1",
                "must be an integer of 64 bits that is not negative, not `-1`",
            ),
            ("f64-option", "much", "must be a number, not `much`"),
            (
                "toggle-option",
                "maybe",
                "must be `true` or `false`, not `maybe`",
            ),
            ("i32-option", "12x", "must be an integer, not `12x`"),
            ("other", "1", "plugin `options` has no setting `other`"),
        ] {
            let found = refused(&[(key, value)]);
            assert!(found.contains(expected), "{found}");
        }
    });
    tests.add("hosts_do_not_disturb_each_other", Needs::Header, || {
        let plugin = plugin();
        let one = run::link(with(&plugin, &[("u8-option", "10")]), GUEST).unwrap();
        let shown = |host: HostBuilder| run::output(host, GUEST).0;
        assert!(shown(with(&plugin, &[("u8-option", "20")])).contains(" 20 2 3 4 "));
        assert!(shown(with(&plugin, &[])).contains(" 1 2 3 4 "));
        run::wait(one.run()).unwrap();
        // One plugin, two hosts.
        let shared = std::sync::Arc::new(c12_wasmedge::WasmEdgePlugin::load(&plugin).unwrap());
        for value in ["30", "40"] {
            let host = c12::Host::builder().shared_plugin(shared.clone()).setting(
                "options",
                "u8-option",
                value,
            );
            assert!(shown(host).contains(&format!(" {value} 2 3 4 ")));
        }
    });
    tests.add(
        "options_may_change_what_a_module_has",
        Needs::Header,
        || {
            let plugin = plugin();
            // Without the option the function is not known to be there, so nobody provides it.
            let error = run::link(with(&plugin, &[]), MORE).unwrap_err();
            assert!(
                matches!(error, c12::Error::MissingImports { .. }),
                "{error:?}"
            );
        },
    );
    tests.add(
        "an_option_without_default_must_be_given",
        Needs::Header,
        || {
            let plugin = compile::plugin(
                &compile::source("options.c"),
                "options_required",
                &["-DREQUIRED"],
            );
            let error = run::link(with(&plugin, &[]), GUEST).unwrap_err();
            let found = run::causes(&error);
            assert!(
                found.contains("plugin `options` needs the setting `required`"),
                "{found}"
            );
            run::link(with(&plugin, &[("required", "1")]), GUEST).unwrap();
        },
    );
}
