//! Starting programs and saying what went wrong with them.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// Runs a program with the terminal of this one; anything but success is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a program whose output matters only when it fails.
pub(crate) fn run_quietly(command: &mut Command) -> Result<()> {
    output(command).map(drop)
}

/// Runs a program and returns what it printed on standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!(
            "`{}` ended with {}\n{stdout}{stderr}",
            shown(command),
            output.status
        );
    }
    Ok(stdout.into_owned())
}

/// The command line as a user would type it.
pub(crate) fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| quoted(&word.to_string_lossy()))
        .collect::<Vec<_>>()
        .join(" ")
}

/// A word as a POSIX shell reads it back unchanged.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// Where a program is on the search path.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    find_program_in(name, &std::env::var_os("PATH")?)
}

fn find_program_in(name: &str, path: &OsStr) -> Option<PathBuf> {
    std::env::split_paths(path)
        .map(|folder| folder.join(name))
        .find(|file| is_executable(file))
}

fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata()
        .is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// Cargo, in the root of the repository and with this project's target folder.
pub(crate) fn cargo(layout: &crate::layout::Layout) -> Command {
    let mut command = Command::new("cargo");
    command
        .current_dir(&layout.root)
        .env("CARGO_TARGET_DIR", &layout.target);
    for (name, _) in std::env::vars_os() {
        if describes_package(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    command
}

/// Whether `cargo run` set a variable to describe this program. Build scripts of dependencies look at those, and would
/// run again each time after a call of cargo without this program between.
fn describes_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_"]
        .iter()
        .any(|prefix| variable.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_program_is_named_with_what_it_printed() {
        let error =
            run_quietly(Command::new("sh").args(["-c", "echo broken pipe organ >&2; exit 3"]))
                .unwrap_err();
        let text = error.to_string();
        assert!(
            text.contains("sh -c") && text.contains('3') && text.contains("broken pipe organ"),
            "{text}"
        );
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&mut Command::new("no-such-program-at-all")).unwrap_err();
        assert!(error.to_string().contains("no-such-program-at-all"));
    }

    #[test]
    fn quoted_words_survive_a_shell() {
        for word in [
            "",
            "a b",
            "it's",
            "$HOME",
            "plain-1.0",
            "a\"b",
            "*",
            "docs::/docs:ro",
        ] {
            let printed =
                output(Command::new("sh").args(["-c", &format!("printf %s {}", quoted(word))]))
                    .unwrap();
            assert_eq!(printed, word);
        }
    }

    #[test]
    fn only_executable_files_are_programs() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("notes"), "text").unwrap();
        assert_eq!(find_program_in("notes", folder.path().as_os_str()), None);
        assert!(find_program("sh").is_some());
    }
}
