//! The official plugins, from guests of both kinds.

use crate::guests::{guest, with_guests};
use crate::harness::{Home, Outcome};

const KINDS: [&str; 2] = ["wasip1", "wasip2"];

/// Runs the guest that runs a program.
fn run_process(home: &Home, kind: &str, options: &[&str], program: &[&str]) -> Outcome {
    let app = guest(&format!("{kind}/run_process"));
    home.c12([&["run"], options, &[&app, "--"], program].concat())
        .run()
}

with_guests! {
    fn allowed_programs_run() {
        let home = Home::new();
        for kind in KINDS {
            let allow = ["--plugin-config", "process.allow=cat,echo,env,false"];
            assert_eq!(run_process(&home, kind, &allow, &["echo", "$HOME *", "a  b"]).success(), "$HOME * a  b\n", "{kind}");
            let options = [&allow[..], &["--env", "INPUT=good morning"]].concat();
            assert_eq!(run_process(&home, kind, &options, &["cat"]).success(), "good morning", "{kind}");
            let options = [&allow[..], &["--env", "PASS=NAME=value"]].concat();
            assert_eq!(run_process(&home, kind, &options, &["env"]).success(), "NAME=value\n", "{kind}");
            assert_eq!(run_process(&home, kind, &allow, &["false"]).code, 1, "{kind}");
        }
    }

    fn other_programs_do_not() {
        let home = Home::new();
        home.write("c12.toml", "[plugins.process]\nconfig = { allow = [\"cat\", \"env\"] }\n");
        for kind in KINDS {
            for options in [&[][..], &["--plugin-config", "process.allow=cat"], &["--config", "c12.toml"]] {
                for program in ["id", "/bin/cat", "sh"] {
                    let outcome = run_process(&home, kind, options, &[program]);
                    assert!(outcome.code != 0 && outcome.stdout.is_empty(), "{outcome:?}");
                    assert!(outcome.stderr.contains(&format!("`--plugin-config process.allow={program}` would allow it")), "{outcome:?}");
                }
            }
            let options = ["--config", "c12.toml", "--env", "PASS=LD_PRELOAD=x.so"];
            let outcome = run_process(&home, kind, &options, &["env"]);
            assert!(outcome.code != 0 && outcome.stderr.contains("`LD_PRELOAD` is not allowed"), "{outcome:?}");
        }
    }

    fn a_component_talks_to_a_program_while_it_runs() {
        let options = ["--plugin-config", "process.allow=cat", "--env", "INPUT=one\ntwo\nthree\n"];
        assert_eq!(run_process(&Home::new(), "wasip2", &options, &["--stream", "cat"]).success(), "one\ntwo\nthree\n");
    }

    fn a_program_ends_with_its_guest() {
        let options = ["--plugin-config", "process.allow=sleep", "--timeout", "300ms"];
        for kind in KINDS {
            let outcome = run_process(&Home::new(), kind, &options, &["sleep", "77777"]);
            assert_eq!(outcome.code, 124, "{outcome:?}");
        }
        let started = std::time::Instant::now();
        let left = || {
            let processes = std::fs::read_dir("/proc").unwrap().flatten();
            let lines = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
            lines.filter(|line| line == b"sleep\x0077777\0").count()
        };
        while left() > 0 {
            assert!(started.elapsed() < std::time::Duration::from_secs(20), "it still runs");
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    }

    fn settings_of_the_official_plugins_are_checked() {
        let home = Home::new();
        let error = run_process(&home, "wasip2", &["--plugin-config", "process.alow=ls"], &["ls"]).failure(2);
        assert!(error.contains("plugin `process` has no setting `alow`") && error.contains("allow, path, directory"), "{error}");
        let error = run_process(&home, "wasip2", &["--plugin-config", "process.allow=*"], &["ls"]).failure(1);
        assert!(error.contains("there is no way to allow every program"), "{error}");
    }

    fn what_guests_log_is_in_the_log() {
        let home = Home::new();
        for kind in KINDS {
            let app = guest(&format!("{kind}/log_line"));
            let log = |options: &[&str]| {
                let outcome = home.c12([&["run"], options, &[&app, "--", "warn", "web", "low on \u{1b}[1mfuel"]].concat()).run();
                assert_eq!((outcome.code, outcome.stdout.as_str()), (0, "logged\n"), "{outcome:?}");
                outcome.stderr
            };
            assert_eq!(log(&[]), "");
            assert_eq!(log(&["--log", "error"]), "");
            assert_eq!(log(&["--log", "info", "--plugin-config", "logging.level=error"]), "");
            let line = log(&["--log", "info"]);
            assert!(line.contains("WARN c12::guest: low on \\u{1b}[1mfuel guest=log_line.wasm context=web") && line.lines().count() == 1, "{line}");
            let line = log(&["--log", "c12::guest=warn", "--json"]);
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!((&line["level"], &line["fields"]["context"]), (&"WARN".into(), &"web".into()));
        }
    }
}
