//! What the documentation shows is what happens.
//!
//! A fenced block is one of these:
//!
//! - `console`: commands behind `$ `, continued behind `> `, and what they print, run in order in one folder per file. `[..]` in the
//!   output stands for what varies. A last line `[exit code N]` says that the command does not end with 0.
//! - `console,NEED`: the same, for what needs more than guests; see `needs`.
//! - any other language: nothing but `{{#include …}}` of a file that a test compiles or runs.
//! - `sh`: commands of `cargo xtask`, which the test run consists of.
//!
//! In the folder there are the example guests, and `docs`, the documentation itself. Pages of the fourth tier also have
//! `c12-source`, the repository; `examples`, the example plugins; the libraries that `cargo xtask plugins` builds; and all
//! guests in the folders `wasip1`, `wasip2`, `c` and `js`. The README of an example plugin has
//! the files of its own folder, all guests in the folders `wasip1`, `wasip2`, `c` and `js`, those of `wasip2` also
//! beside them, and the libraries that `cargo xtask plugins` builds.

mod needs;

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use snapbox::Data;

use crate::guests::{root, with_guests, with_guests_and_cxx, with_js_guests, with_redis};
use crate::harness::{C12, Home};
use crate::plugins::examples;

struct Block {
    line: usize,
    language: String,
    text: String,
}

fn pages() -> Vec<PathBuf> {
    fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                found.push(path);
            }
        }
    }
    let mut found = vec![
        root().join("README.md"),
        root().join("README.zh-CN.md"),
        root().join("CONTRIBUTING.md"),
        root().join("guest/README.md"),
    ];
    collect(&root().join("docs"), &mut found);
    found.sort();
    found
}

/// What the commands of an example plugin's README need besides guests.
#[derive(PartialEq, Eq)]
enum Needs {
    Nothing,
    Cxx,
    /// Its program and its header, and a C++ compiler.
    WasmEdge,
    /// A plugin in JavaScript.
    JavaScript,
    /// A server, and its client.
    Redis,
}

fn readmes_of_plugins() -> Vec<PathBuf> {
    let folders = root().join("plugins/examples").read_dir().unwrap();
    let readmes = folders.map(|folder| folder.unwrap().path().join("README.md"));
    let mut found: Vec<PathBuf> = readmes.filter(|readme| readme.exists()).collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

fn needs(readme: &Path) -> Needs {
    let runs = |program: &str| {
        let starts = |command: &str| command.split([' ', '\n']).any(|word| word == program);
        let all = blocks(readme).into_iter();
        let mut run = all.filter(|block| block.language == "console");
        run.any(|block| {
            steps(&block.text)
                .iter()
                .any(|(command, _)| starts(command))
        })
    };
    if runs("js/geo.wasm") {
        return Needs::JavaScript;
    }
    if runs("redis-cli") {
        return Needs::Redis;
    }
    match (runs("wasmedge"), runs("g++")) {
        (true, _) => Needs::WasmEdge,
        (false, true) => Needs::Cxx,
        (false, false) => Needs::Nothing,
    }
}

fn blocks(page: &Path) -> Vec<Block> {
    let text = std::fs::read_to_string(page).unwrap();
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(language)) => {
                open = Some(Block {
                    line: index + 1,
                    language: language.trim().to_owned(),
                    text: String::new(),
                })
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{}: a block is not closed", page.display());
    blocks
}

#[test]
fn every_block_is_run_or_included() {
    for page in pages().into_iter().chain(readmes_of_plugins()) {
        for block in blocks(&page) {
            let place = format!("{}:{}", page.display(), block.line);
            let console = match block.language.strip_prefix("console,") {
                Some(need) if needs::NEEDS.contains(&need) => "console",
                _ => &block.language,
            };
            match console {
                "console" => assert!(
                    block.text.starts_with("$ "),
                    "{place}: a console block starts with a command"
                ),
                "sh" => {
                    for line in block.text.lines() {
                        assert!(
                            line.starts_with("cargo xtask "),
                            "{place}: `{line}` is not run by any test"
                        );
                    }
                }
                _ => {
                    let include = block
                        .text
                        .trim()
                        .strip_prefix("{{#include ")
                        .and_then(|rest| rest.strip_suffix("}}"));
                    let include =
                        include.unwrap_or_else(|| panic!("{place}: neither run nor included"));
                    let (file, anchor) = match include.split_once(':') {
                        Some((file, anchor)) => (file, Some(anchor)),
                        None => (include, None),
                    };
                    let text = std::fs::read_to_string(page.parent().unwrap().join(file));
                    let text = text.unwrap_or_else(|error| panic!("{place}: {file}: {error}"));
                    if let Some(anchor) = anchor {
                        for mark in ["ANCHOR", "ANCHOR_END"] {
                            let mark = format!("{mark}: {anchor}");
                            assert!(
                                text.lines().any(|line| line.ends_with(&mark)),
                                "{place}: {file} has no `{mark}`"
                            );
                        }
                    }
                }
            }
        }
    }
}

/// A command, what it prints, and how it ends.
fn steps(text: &str) -> Vec<(String, String)> {
    let mut steps: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push((command.to_owned(), String::new())),
            (None, Some((command, expected))) => match line.strip_prefix('>') {
                // What the shell asks for after the first line of a command.
                Some(rest) if expected.is_empty() => {
                    command.push('\n');
                    command.push_str(rest.strip_prefix(' ').unwrap_or(rest));
                }
                _ => {
                    expected.push_str(line);
                    expected.push('\n');
                }
            },
            (None, None) => {}
        }
    }
    steps
}

with_guests! {
    fn every_console_block_prints_what_it_shows() {
        for page in pages() {
            let home = home_of_page(&page);
            prints_what_it_shows(&page, &home, |command| command);
        }
    }

    fn readmes_of_plugins_print_what_they_show() {
        for readme in readmes_of_plugins().iter().filter(|readme| needs(readme) == Needs::Nothing) {
            prints_what_it_shows(readme, &home_of_plugin(readme), |command| command);
        }
    }
}

with_js_guests! {
    fn readmes_of_plugins_in_javascript_print_what_they_show() {
        examples::geo::compile_js();
        for readme in readmes_of_plugins().iter().filter(|readme| needs(readme) == Needs::JavaScript) {
            prints_what_it_shows(readme, &home_of_plugin(readme), examples::geo::compiled_once);
        }
    }
}

with_redis! {
    fn readmes_of_plugins_with_redis_print_what_they_show() {
        let program = examples::redis_server::program().unwrap();
        for readme in readmes_of_plugins().iter().filter(|readme| needs(readme) == Needs::Redis) {
            let home = home_of_plugin(readme);
            let _server = examples::redis_server::Server::start_in(&home.work());
            prints_what_it_shows(readme, &home, |command| command.path(program.parent().unwrap()));
        }
    }
}

with_guests_and_cxx! {
    fn readmes_of_plugins_in_cxx_print_what_they_show() {
        for readme in readmes_of_plugins().iter().filter(|readme| needs(readme) == Needs::Cxx) {
            prints_what_it_shows(readme, &home_of_plugin(readme), |command| command);
        }
    }

    #[cfg_attr(all(guests, cxx, not(wasmedge)), ignore = "needs WasmEdge: run `cargo xtask test` on a Debian")]
    fn readmes_of_plugins_for_wasmedge_print_what_they_show() {
        let variable = |name: &str| std::env::var(name).unwrap();
        let program = PathBuf::from(variable("C12_WASMEDGE"));
        for readme in readmes_of_plugins().iter().filter(|readme| needs(readme) == Needs::WasmEdge) {
            let home = home_of_plugin(readme);
            symlink(&program, home.work().join("wasmedge")).unwrap();
            prints_what_it_shows(readme, &home, |command| {
                command
                    .path(&home.work())
                    .env("CPLUS_INCLUDE_PATH", variable("C12_WASMEDGE_INCLUDE"))
            });
        }
    }
}

/// Runs the commands of a page in a home. `prepare` adds what they need.
fn prints_what_it_shows(page: &Path, home: &Home, prepare: impl Fn(C12) -> C12) {
    print_what_they_show(page, "console", home, prepare);
}

/// The same for the blocks of one language.
fn print_what_they_show(page: &Path, language: &str, home: &Home, prepare: impl Fn(C12) -> C12) {
    for block in blocks(page) {
        if block.language != language {
            continue;
        }
        for (command, expected) in steps(&block.text) {
            let outcome = prepare(home.shell(&format!("exec 2>&1; {command}"))).run();
            let mut printed = outcome.stdout;
            if outcome.code != 0 {
                printed.push_str(&format!("[exit code {}]\n", outcome.code));
            }
            let place = format!("{}:{}: {command}", page.display(), block.line);
            let result = snapbox::Assert::new().action_env("DOCS_SNAPSHOTS").try_eq(
                Some(&place),
                Data::text(printed.clone()),
                Data::text(expected.clone()),
            );
            assert!(
                result.is_ok(),
                "{place}\nprinted:\n{printed}\nexpected:\n{expected}"
            );
        }
    }
}

/// Links to a path, under its own name, unless there is something of that name.
fn link(home: &Home, path: &Path) {
    let link = home.work().join(path.file_name().unwrap());
    if !link.exists() {
        symlink(path, link).unwrap();
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Links to the folders of guests, and to the libraries of example plugins.
fn link_guests_and_libraries(home: &Home) {
    let guests = PathBuf::from(std::env::var_os("C12_GUESTS").unwrap());
    for kind in ["wasip1", "wasip2", "c", "js"] {
        link(home, &guests.join(kind));
    }
    for path in entries(&examples::folder()) {
        let name = path.file_name().unwrap().to_string_lossy();
        if name.starts_with("libc12_example_") && name.ends_with(".so") {
            link(home, &path);
        }
    }
}

/// A folder as a reader of a page has it.
fn home_of_page(page: &Path) -> Home {
    let home = Home::new();
    let guests = PathBuf::from(std::env::var_os("C12_GUESTS").unwrap());
    // Where an example exists for both targets, the component is the one that is meant.
    for path in ["wasip2", "wasip1"]
        .iter()
        .flat_map(|kind| entries(&guests.join(kind)))
    {
        let name = path.file_name().unwrap().to_string_lossy();
        if name.starts_with(|first: char| first.is_ascii_digit()) {
            link(&home, &path);
        }
    }
    for name in ["docs", "guest"] {
        link(&home, &root().join(name));
    }
    if page
        .parent()
        .is_some_and(|tier| tier.ends_with("tier_04_advanced"))
    {
        symlink(root(), home.work().join("c12-source")).unwrap();
        link(&home, &root().join("plugins/examples"));
        link_guests_and_libraries(&home);
    }
    home
}

/// A folder as a reader of an example plugin's README has it.
fn home_of_plugin(readme: &Path) -> Home {
    let home = Home::new();
    for path in entries(readme.parent().unwrap()) {
        // What a reader of the original may have made.
        if !path.ends_with("include") {
            link(&home, &path);
        }
    }
    link_guests_and_libraries(&home);
    let guests = PathBuf::from(std::env::var_os("C12_GUESTS").unwrap());
    for path in entries(&guests.join("wasip2")) {
        link(&home, &path);
    }
    home
}
