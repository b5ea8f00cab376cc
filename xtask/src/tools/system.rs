//! What must be there before anything works: programs of the system's own packages.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process::{find_program, output, run_quietly};

/// A program, and Debian's package of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program {
    /// What is started.
    pub(crate) name: &'static str,
    /// What `apt-get install` takes.
    pub(crate) packages: &'static str,
}

/// All of them.
pub(crate) const PROGRAMS: [Program; 4] = [
    Program {
        name: "cc",
        packages: "gcc libc6-dev",
    },
    // Plugins in C++.
    Program {
        name: "c++",
        packages: "g++",
    },
    Program {
        name: "python3",
        packages: "python3",
    },
    // Projects of `c12 new` in C and C++.
    Program {
        name: "make",
        packages: "make",
    },
];

impl Program {
    /// The line that installs it.
    pub(crate) fn line(&self) -> String {
        line(&[*self])
    }
}

/// Fails with the one line that installs what is missing.
pub(crate) fn require() -> Result<()> {
    refuse(&missing())
}

/// Installs what is missing if this is root and apt is there; otherwise fails with the line that does.
pub(crate) fn install_missing() -> Result<()> {
    install(missing)
}

/// The same for what another list says is missing.
pub(crate) fn install(missing: impl Fn() -> Vec<Program>) -> Result<()> {
    let wanted = missing();
    if wanted.is_empty() || find_program("apt-get").is_none() || !is_root() {
        return refuse(&wanted);
    }
    let line = line(&wanted);
    println!("installing system packages: {line}");
    let install = || run_quietly(&mut install_command(&wanted));
    // The lists may be missing or old; where they are neither, fetching them would be in vain.
    if install().is_err() {
        run_quietly(Command::new("apt-get").args(["-qq", "update"]))
            .and_then(|()| install())
            .with_context(|| format!("`{line}` failed"))?;
    }
    refuse(&missing())
}

fn refuse(missing: &[Program]) -> Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    bail!("system packages are missing; run `{}`", line(missing))
}

fn missing() -> Vec<Program> {
    PROGRAMS
        .into_iter()
        .filter(|program| find_program(program.name).is_none())
        .collect()
}

fn line(programs: &[Program]) -> String {
    let packages: Vec<_> = programs.iter().map(|program| program.packages).collect();
    format!("apt-get install --yes {}", packages.join(" "))
}

fn install_command(programs: &[Program]) -> Command {
    let mut command = Command::new("apt-get");
    command
        .args(["-qq", "install", "--yes", "--no-install-recommends"])
        .args(
            programs
                .iter()
                .flat_map(|program| program.packages.split(' ')),
        )
        .env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::shown;

    #[test]
    fn one_line_installs_all_of_it() {
        assert_eq!(
            line(&PROGRAMS),
            "apt-get install --yes gcc libc6-dev g++ python3 make"
        );
        assert_eq!(PROGRAMS[1].line(), "apt-get install --yes g++");
    }

    #[test]
    fn apt_asks_nothing() {
        let command = install_command(&PROGRAMS[..2]);
        assert_eq!(
            shown(&command),
            "apt-get -qq install --yes --no-install-recommends gcc libc6-dev g++"
        );
        assert!(
            command
                .get_envs()
                .any(|(name, value)| name == "DEBIAN_FRONTEND"
                    && value.is_some_and(|value| value == "noninteractive"))
        );
    }
}
