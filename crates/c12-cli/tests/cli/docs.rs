//! What the documentation shows is what happens.
//!
//! A fenced block is one of these:
//!
//! - `console`: commands behind `$ `, continued behind `> `, and what they print, run in order in one folder per file. `[..]` in the
//!   output stands for what varies. A last line `[exit code N]` says that the command does not end with 0.
//! - any other language: nothing but `{{#include …}}` of a file that a test compiles or runs.
//! - `sh`: commands of `cargo xtask`, which the test run consists of.
//!
//! In the folder there are the example guests, and `docs`, the documentation itself.

use std::path::{Path, PathBuf};

use snapbox::Data;

use crate::guests::{root, with_guests};
use crate::harness::Home;

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
    for page in pages() {
        for block in blocks(&page) {
            let place = format!("{}:{}", page.display(), block.line);
            match block.language.as_str() {
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
                    let file = include.split(':').next().unwrap();
                    assert!(
                        page.parent().unwrap().join(file).exists(),
                        "{place}: {file} is not there"
                    );
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
        let guests = PathBuf::from(std::env::var_os("C12_GUESTS").unwrap());
        for page in pages() {
            let home = Home::new();
            for (folder, suffix) in [("wasip2", ""), ("wasip1", "")] {
                for entry in guests.join(folder).read_dir().unwrap() {
                    let path = entry.unwrap().path();
                    let name = format!("{}{suffix}", path.file_name().unwrap().to_str().unwrap());
                    // Where an example exists for both targets, the component is the one that is meant.
                    let link = home.work().join(&name);
                    if name.as_bytes()[0].is_ascii_digit() && !link.exists() {
                        std::os::unix::fs::symlink(path, link).unwrap();
                    }
                }
            }
            for name in ["docs", "guest"] {
                std::os::unix::fs::symlink(root().join(name), home.work().join(name)).unwrap();
            }
            for block in blocks(&page).into_iter().filter(|block| block.language == "console") {
                for (command, expected) in steps(&block.text) {
                    let outcome = home.shell(&format!("exec 2>&1; {command}")).run();
                    let mut printed = outcome.stdout;
                    if outcome.code != 0 {
                        printed.push_str(&format!("[exit code {}]\n", outcome.code));
                    }
                    let place = format!("{}:{}: {command}", page.display(), block.line);
                    let result = snapbox::Assert::new().action_env("DOCS_SNAPSHOTS").try_eq(Some(&place), Data::text(printed.clone()), Data::text(expected.clone()));
                    assert!(result.is_ok(), "{place}\nprinted:\n{printed}\nexpected:\n{expected}");
                }
            }
        }
    }
}
