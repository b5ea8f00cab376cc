//! Every template, from nothing to a guest calling the plugin, with the commands that its README has.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::guests::root;
use crate::harness::Home;

/// What a block of commands is built with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rust {
    /// The machine's own.
    Host,
    /// The one that builds guests, which may be another version.
    Guest,
}

/// Commands of a README, and what they print in the end if it says so.
struct Step {
    commands: String,
    printed: Option<String>,
}

fn steps(readme: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut lines = readme.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            continue;
        };
        let block = lines.by_ref().take_while(|line| *line != "```");
        let text: String = block.map(|line| format!("{line}\n")).collect();
        match language {
            "sh" => steps.push(Step {
                commands: text,
                printed: None,
            }),
            "text" => steps.last_mut().unwrap().printed = Some(text),
            other => panic!("a block in `{other}`"),
        }
    }
    steps
}

/// A project of a template, in a folder that outlives the tests: what cargo has built for the last one is used again.
struct Project {
    home: Home,
    folder: PathBuf,
    template: &'static str,
}

impl Project {
    fn of(template: &'static str) -> Self {
        let home = Home::new();
        let name = format!("try-{template}");
        let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new");
        let folder = place.join(&name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
        let mut arguments = vec!["new", folder.to_str().unwrap(), "--template", template];
        if template == "plugin-rust" {
            arguments.extend(["--sdk", root().to_str().unwrap()]);
        }
        home.c12(arguments).run().success();
        for (package, rust) in [("", Rust::Host), ("guest", Rust::Guest)] {
            let package = folder.join(package);
            if !package.join("Cargo.toml").exists() {
                continue;
            }
            // Projects have names of their own, so all can share what is built for them.
            let guest = rust == Rust::Guest || needs_guest_rust(template, "");
            let target = place.join(if guest { "target-guest" } else { "target" });
            std::fs::create_dir_all(&target).unwrap();
            std::os::unix::fs::symlink(target, package.join("target")).unwrap();
            // The versions that are on this machine; what the project does not need is dropped from it.
            std::fs::copy(root().join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
        }
        Project {
            home,
            folder,
            template,
        }
    }

    /// Runs the commands of the README for which the given Rust is enough.
    fn run(&self, has_guest_rust: bool) {
        let readme = std::fs::read_to_string(self.folder.join("README.md")).unwrap();
        let steps = steps(&readme);
        assert!(steps.len() > 2, "{readme}");
        for step in steps {
            let rust = match needs_guest_rust(self.template, &step.commands) {
                true if !has_guest_rust => continue,
                true => Rust::Guest,
                false => Rust::Host,
            };
            let printed = self.shell(&step.commands, rust);
            if let Some(expected) = step.printed {
                assert!(printed.ends_with(&expected), "{}{printed}", step.commands);
            }
        }
    }

    /// Runs commands in the project, with `c12` on the search path and without a network.
    fn shell(&self, commands: &str, rust: Rust) -> String {
        let c12 = Path::new(env!("CARGO_BIN_EXE_c12")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        let user = std::env::var("HOME").unwrap();
        let mut shell = Command::new("bash");
        shell
            .args(["-euc", commands])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .env("PATH", format!("{}:{path}", c12.display()))
            .env("HOME", self.home.work())
            .env("CARGO_NET_OFFLINE", "true")
            // Nobody debugs these, and they stay.
            .env("CARGO_PROFILE_DEV_DEBUG", "false")
            .env("CARGO_INCREMENTAL", "0");
        for (name, folder) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
            if std::env::var_os(name).is_none() {
                shell.env(name, Path::new(&user).join(folder));
            }
        }
        // What the cargo that runs the tests was told.
        for name in [
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET",
            "RUSTFLAGS",
            "MAKEFLAGS",
            "MFLAGS",
        ] {
            shell.env_remove(name);
        }
        if rust == Rust::Guest {
            let variables = std::env::var("C12_GUEST_RUST").unwrap();
            shell.envs(variables.lines().filter_map(|line| line.split_once('=')));
        }
        let output = shell.output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{commands}{printed}{errors}");
        printed
    }
}

/// Whether commands build for WebAssembly.
fn needs_guest_rust(template: &str, commands: &str) -> bool {
    ["plugin-wasm", "cli"].contains(&template) || commands.contains("wasm32-wasip2")
}

/// One at a time: a project that is built twice has one folder.
static ONE: Mutex<()> = Mutex::new(());

/// Returns how long it took.
fn works(template: &'static str, has_guest_rust: bool) -> Duration {
    let _one = ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let started = Instant::now();
    Project::of(template).run(has_guest_rust);
    started.elapsed()
}

/// A test that needs a C++ compiler and make.
macro_rules! with_make {
    ($($(#[$attribute:meta])* fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[test]
        #[cfg_attr(not(all(cxx, make)), ignore = "needs a C++ compiler and make: run `cargo xtask test`")]
        fn $name() $body
    )*};
}

/// A test that builds guests in Rust.
macro_rules! with_guest_rust {
    ($($(#[$attribute:meta])* fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[test]
        #[cfg_attr(not(guest_rust), ignore = "needs Rust for guests: run `cargo xtask test`")]
        fn $name() $body
    )*};
}

with_make! {
    fn a_plugin_in_c_from_nothing_to_a_call() {
        works("plugin-c", false);
    }

    fn a_plugin_in_cpp_from_nothing_to_a_call_takes_less_than_five_minutes() {
        assert!(works("plugin-cpp", false) < Duration::from_secs(300));
    }

    #[cfg_attr(all(cxx, make, not(guest_rust)), ignore = "needs Rust for guests: run `cargo xtask test`")]
    fn plugins_in_c_and_cpp_and_a_guest_in_rust() {
        works("plugin-c", true);
        works("plugin-cpp", true);
    }
}

#[test]
fn a_plugin_in_rust_from_nothing_to_a_call() {
    works("plugin-rust", false);
}

with_guest_rust! {
    fn a_plugin_and_a_guest_in_rust() {
        works("plugin-rust", true);
    }

    fn a_plugin_that_is_a_component_from_nothing_to_a_call() {
        works("plugin-wasm", true);
    }

    fn a_command_from_nothing_to_its_output() {
        works("cli", true);
    }
}
