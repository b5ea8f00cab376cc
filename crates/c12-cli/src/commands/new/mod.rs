//! `c12 new`: projects from templates.

mod folder;
mod name;
mod template;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::options::LogOptions;
use crate::report::{self, Failure};
use name::ProjectName;
use template::{Sdk, Template};

/// Makes a project from a template: sources, WIT, a build file, a README with the commands, and for plugins a guest.
///
/// All of it appears at once, or nothing does; what is there is never overwritten.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  c12 new greet --template plugin-cpp\n  c12 new greet --template plugin-rust --sdk ~/src/c12"
)]
pub(crate) struct New {
    /// The project's name, such as `text-tools`; or a path that ends with it.
    #[arg(value_name = "NAME|PATH")]
    path: PathBuf,

    /// What to make.
    #[arg(long, short, value_enum)]
    template: Template,

    /// A checkout of C12 from which the project takes the crate `c12-plugin`, rather than from C12's repository. For
    /// the template plugin-rust.
    #[arg(long, value_name = "FOLDER")]
    sdk: Option<PathBuf>,

    #[command(flatten)]
    log: LogOptions,
}

impl New {
    pub(crate) fn json(&self) -> bool {
        self.log.json
    }

    pub(crate) fn execute(self) -> Result<u8, Failure> {
        self.log.start(None)?;
        let name = ProjectName::of(&self.path)?;
        let sdk = match &self.sdk {
            None => Sdk::published(),
            Some(_) if !self.template.uses_sdk() => {
                return Err(Failure::usage(format!(
                    "the template {} uses none of C12's crates",
                    self.template.name()
                ))
                .with_help("leave `--sdk` out"));
            }
            Some(folder) => Sdk::checkout(folder)?,
        };
        let files = self.template.files(&name, &sdk);
        folder::create(&self.path, &files)?;
        let next = self.next(&name);
        let text = if self.log.json {
            let paths: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
            let object = serde_json::json!({
                "name": name.as_str(),
                "template": self.template.name(),
                "path": self.path.to_string_lossy(),
                "files": paths,
                "next": next,
            });
            format!("{object}\n")
        } else {
            let folder = c12_toolchain::escape(&self.path.to_string_lossy()).into_owned();
            let mut text = format!("made {folder}; now type\n");
            for command in &next {
                let _ = writeln!(text, "  {}", c12_toolchain::escape(command));
            }
            text
        };
        report::output(&text)?;
        Ok(0)
    }

    /// What to type to see it work.
    fn next(&self, name: &ProjectName) -> Vec<String> {
        let mut commands = vec![format!("cd {}", quoted(&self.path))];
        commands.extend(self.template.first_commands(name));
        commands
    }
}

/// A path as a POSIX shell reads it back.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./+@%".contains(c);
    if text.starts_with('-') {
        return quoted(&Path::new(".").join(path));
    }
    if text.chars().all(plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_survive_a_shell() {
        for (path, shown) in [
            ("greet", "greet"),
            ("/a b/greet", "'/a b/greet'"),
            ("it's/greet", r"'it'\''s/greet'"),
            ("-a/greet", "./-a/greet"),
        ] {
            assert_eq!(quoted(Path::new(path)), shown);
        }
    }
}
