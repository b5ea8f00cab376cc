//! What may run, and with what.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use c12::plugin::{Key, Kind, Settings};

use crate::{Command, Error};

/// Variables that decide which code a program loads or runs: those of the dynamic linker and the C library, of
/// shells, and of common interpreters and tools. With one of them, and with a directory that it may write to, a
/// guest could turn any allowed program into another one. No list of this kind is complete; an allowed program is
/// trusted with the arguments and the environment that guests give it.
const DECIDE_ON_CODE: &[&str] = &[
    "BASHOPTS",
    "BASH_ENV",
    "BROWSER",
    "CLASSPATH",
    "EDITOR",
    "ENV",
    "GCONV_PATH",
    "GLIBC_TUNABLES",
    "IFS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "LESSCLOSE",
    "LESSOPEN",
    "MAGICK_CODER_MODULE_PATH",
    "MAGICK_CONFIGURE_PATH",
    "MAGICK_FILTER_MODULE_PATH",
    "MANPAGER",
    "NODE_OPTIONS",
    "NODE_PATH",
    "OPENSSL_CONF",
    "OPENSSL_ENGINES",
    "OPENSSL_MODULES",
    "PAGER",
    "PATH",
    "PERLLIB",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "PS4",
    "RUBYLIB",
    "RUBYOPT",
    "SHELL",
    "SHELLOPTS",
    "VISUAL",
    "_JAVA_OPTIONS",
];

/// The same, by how they begin.
const DECIDE_ON_CODE_PREFIXES: &[&str] = &[
    "BASH_FUNC_",
    "DYLD_",
    "GIT_",
    "LD_",
    "LUA_",
    "PERL5",
    "PYTHON",
];

/// What the settings of the plugin allow.
#[derive(Debug)]
pub struct Policy {
    allowed: Vec<OsString>,
    path: Vec<PathBuf>,
    directory: PathBuf,
    variables: Vec<OsString>,
    timeout: Duration,
    output: u64,
    processes: usize,
}

/// The settings that [`Policy::new`] knows.
pub(crate) fn keys() -> Vec<Key> {
    vec![
        Key::new("allow", Kind::Text).description(
            "the programs that guests may run, separated by commas: names, which are looked up in `path`, or absolute paths",
        ),
        Key::new("path", Kind::Text)
            .fallback("/usr/local/bin:/usr/bin:/bin")
            .description("the directories in which names are looked up, separated by colons"),
        Key::new("directory", Kind::Path)
            .fallback("/")
            .description("the directory that programs start in"),
        Key::new("environment", Kind::Text).description(
            "variables that guests may set although they decide which code a program runs, separated by commas: PATH, PYTHONPATH …",
        ),
        Key::new("timeout", Kind::Time)
            .fallback("10s")
            .description("how long a program may run if the guest does not say"),
        Key::new("output", Kind::Bytes)
            .fallback("16MiB")
            .description("what a program may write into standard output, and into standard error"),
        Key::new("processes", Kind::Integer)
            .fallback("16")
            .description("programs that one guest may have at once"),
    ]
}

impl Policy {
    /// Takes the settings apart.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for the first that makes no sense.
    pub fn new(settings: &Settings) -> Result<Self, Error> {
        let processes = settings.integer("processes");
        let processes = processes.and_then(|processes| processes.try_into().ok());
        let policy = Policy {
            allowed: settings
                .list("allow")
                .map(allowed)
                .collect::<Result<_, _>>()?,
            path: search_path(settings.get("path").unwrap_or_default())?,
            directory: settings.get("directory").unwrap_or("/").into(),
            variables: settings.list("environment").map(OsString::from).collect(),
            timeout: settings
                .time("timeout")
                .filter(|timeout| !timeout.is_zero())
                .ok_or_else(|| Error::setting("timeout", "must be at least 1ms"))?,
            output: positive(settings.bytes("output"), "output")?,
            processes: usize::try_from(positive(processes, "processes")?)
                .unwrap_or(usize::MAX)
                .min(tokio::sync::Semaphore::MAX_PERMITS),
        };
        if !policy.directory.is_absolute() {
            return Err(Error::setting("directory", "must be an absolute path"));
        }
        for program in &policy.allowed {
            // It may be installed later, so this is no error; but nobody should have to guess either.
            if let Err(error) = policy.find(program) {
                tracing::warn!(%error, "allowed, but it cannot be run");
            }
        }
        Ok(policy)
    }

    /// How long a program runs if nobody says otherwise.
    pub fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Bytes that a program may write into each of its outputs.
    pub fn output(&self) -> u64 {
        self.output
    }

    /// Programs that one guest may have at once.
    pub fn processes(&self) -> usize {
        self.processes
    }

    /// Where programs start.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Checks all that a guest asked for, and finds the file to run.
    ///
    /// # Errors
    ///
    /// [`Error::ProgramNotAllowed`], [`Error::VariableNotAllowed`], [`Error::NotFound`]; [`Error::Unfit`] if
    /// something cannot be passed to a program at all; [`Error::Start`] if the file cannot be run.
    pub fn check(&self, command: &Command) -> Result<PathBuf, Error> {
        if !self.allowed.contains(&command.program) {
            return Err(Error::ProgramNotAllowed {
                program: shown(&command.program),
            });
        }
        for argument in &command.arguments {
            passable("an argument", argument)?;
        }
        for (name, value) in &command.environment {
            self.check_variable(name)?;
            passable("the value of a variable", value)?;
        }
        self.find(&command.program)
    }

    fn check_variable(&self, name: &OsStr) -> Result<(), Error> {
        let bytes = name.as_bytes();
        passable("the name of a variable", name)?;
        if bytes.is_empty() || bytes.contains(&b'=') {
            return Err(Error::Unfit {
                what: "the name of a variable",
                message: "it is empty or contains `=`",
            });
        }
        let decides = DECIDE_ON_CODE.iter().any(|known| name == *known)
            || DECIDE_ON_CODE_PREFIXES
                .iter()
                .any(|prefix| bytes.starts_with(prefix.as_bytes()));
        if decides && !self.variables.iter().any(|allowed| allowed == name) {
            return Err(Error::VariableNotAllowed { name: shown(name) });
        }
        Ok(())
    }

    /// The file that an entry of the allow-list stands for.
    fn find(&self, program: &OsStr) -> Result<PathBuf, Error> {
        let not_found = || Error::NotFound {
            program: shown(program),
        };
        let file = if Path::new(program).is_absolute() {
            let file = PathBuf::from(program);
            file.is_file().then_some(file)
        } else {
            self.path
                .iter()
                .map(|directory| directory.join(program))
                .find(|file| is_executable(file))
        };
        let file = file.ok_or_else(not_found)?;
        if !names_its_interpreter(&file) {
            return Err(Error::Start {
                program: shown(program),
                reason: io::Error::other(
                    "it is neither a binary nor a script that begins with `#!`",
                ),
            });
        }
        Ok(file)
    }
}

fn positive(given: Option<u64>, key: &'static str) -> Result<u64, Error> {
    given
        .filter(|value| *value > 0)
        .ok_or_else(|| Error::setting(key, "must be at least 1"))
}

/// An entry of the allow-list.
fn allowed(entry: &str) -> Result<OsString, Error> {
    let refused = |reason: &str| {
        let entry = c12_toolchain::escape(entry);
        Err(Error::setting(
            "allow",
            format!("names `{entry}`: {reason}"),
        ))
    };
    if entry.starts_with('/') {
        return Ok(entry.into());
    }
    match entry {
        "*" => refused("there is no way to allow every program; name those that are meant"),
        "." | ".." => refused("that is a directory"),
        _ if entry.contains('/') => refused("a path must begin with `/`"),
        _ => Ok(entry.into()),
    }
}

fn search_path(text: &str) -> Result<Vec<PathBuf>, Error> {
    text.split(':')
        .filter(|directory| !directory.is_empty())
        .map(|directory| {
            if directory.starts_with('/') {
                Ok(PathBuf::from(directory))
            } else {
                Err(Error::setting("path", "must consist of absolute paths"))
            }
        })
        .collect()
}

fn passable(what: &'static str, text: &OsStr) -> Result<(), Error> {
    if text.as_bytes().contains(&0) {
        return Err(Error::Unfit {
            what,
            message: "it contains a zero byte",
        });
    }
    Ok(())
}

fn is_executable(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

/// The C library hands a file that the kernel does not recognise to `/bin/sh`. Such a file is refused instead:
/// nobody allowed a shell. What cannot be read, a shell cannot read either.
fn names_its_interpreter(file: &Path) -> bool {
    let mut start = [0; 4];
    let read = fs::File::open(file).and_then(|mut file| file.read_exact(&mut start));
    match read {
        Ok(()) if start.starts_with(b"#!") => true,
        Ok(()) => !cfg!(target_os = "linux") || &start == b"\x7fELF",
        Err(error) => error.kind() != io::ErrorKind::UnexpectedEof,
    }
}

/// A guest's text, fit for a message.
pub(crate) fn shown(text: &OsStr) -> String {
    const LONGEST: usize = 200;
    let text = text.to_string_lossy();
    let end = text.floor_char_boundary(LONGEST);
    let mut shown = c12_toolchain::escape(text.get(..end).unwrap_or_default()).into_owned();
    if end < text.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(settings: &[(&str, &str)]) -> Result<Policy, Error> {
        let given: Vec<_> = settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        Policy::new(&Settings::check("process", &keys(), &given).unwrap())
    }

    fn command(program: &str) -> Command {
        Command {
            program: program.into(),
            ..Command::default()
        }
    }

    fn with_variable(name: &str) -> Command {
        Command {
            environment: vec![(name.into(), "x".into())],
            ..command("cat")
        }
    }

    #[test]
    fn nothing_is_allowed_by_itself() {
        let error = policy(&[]).unwrap().check(&command("ls")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the program `ls` is not allowed; `--plugin-config process.allow=ls` would allow it"
        );
    }

    #[test]
    fn a_name_allows_that_name() {
        let policy = policy(&[("allow", "cat, ls")]).unwrap();
        let file = policy.check(&command("ls")).unwrap();
        assert!(file.is_absolute() && file.ends_with("ls"), "{file:?}");
        let absolute = file.to_str().unwrap();
        for other in [absolute, "./ls", "../bin/ls", "bin/ls", "ls ", "LS", ""] {
            let error = policy.check(&command(other)).unwrap_err();
            assert!(matches!(error, Error::ProgramNotAllowed { .. }), "{other}");
        }
    }

    #[test]
    fn a_path_allows_that_path() {
        let policy = policy(&[("allow", "/bin/cat")]).unwrap();
        assert_eq!(
            policy.check(&command("/bin/cat")).unwrap(),
            Path::new("/bin/cat")
        );
        for other in ["cat", "/bin/../bin/cat", "//bin/cat", "/bin/ls"] {
            let error = policy.check(&command(other)).unwrap_err();
            assert!(matches!(error, Error::ProgramNotAllowed { .. }), "{other}");
        }
    }

    #[test]
    fn what_is_allowed_may_be_missing() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing");
        let missing = missing.to_str().unwrap();
        let policy = policy(&[("allow", &format!("{missing},c12-has-no-such-program"))]).unwrap();
        for program in [missing, "c12-has-no-such-program"] {
            let error = policy.check(&command(program)).unwrap_err();
            assert!(matches!(error, Error::NotFound { .. }), "{error}");
        }
    }

    #[test]
    fn settings_that_make_no_sense_are_refused() {
        let error = |key, value| policy(&[(key, value)]).unwrap_err().to_string();
        assert_eq!(
            error("allow", "ls,bin/ls"),
            "`process.allow` names `bin/ls`: a path must begin with `/`"
        );
        assert_eq!(
            error("allow", "*"),
            "`process.allow` names `*`: there is no way to allow every program; name those that are meant"
        );
        assert_eq!(
            error("allow", ".."),
            "`process.allow` names `..`: that is a directory"
        );
        assert_eq!(
            error("path", "/bin:bin"),
            "`process.path` must consist of absolute paths"
        );
        assert_eq!(
            error("directory", "here"),
            "`process.directory` must be an absolute path"
        );
        for (key, value) in [("output", "0"), ("processes", "0"), ("processes", "-1")] {
            assert_eq!(
                error(key, value),
                format!("`process.{key}` must be at least 1")
            );
        }
        assert_eq!(
            error("timeout", "0"),
            "`process.timeout` must be at least 1ms"
        );
    }

    #[test]
    fn variables_that_decide_on_code_are_refused() {
        let settings = [("allow", "cat"), ("environment", "PYTHONPATH")];
        let policy = policy(&settings).unwrap();
        for name in [
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "PATH",
            "BASH_FUNC_ls%%",
            "PYTHONHOME",
        ] {
            let error = policy.check(&with_variable(name)).unwrap_err();
            assert!(matches!(error, Error::VariableNotAllowed { .. }), "{name}");
        }
        for name in ["LANG", "HOME", "PYTHONPATH", "ld_preload"] {
            policy.check(&with_variable(name)).unwrap();
        }
        for name in ["", "A=B", "A\0B"] {
            let error = policy.check(&with_variable(name)).unwrap_err();
            assert!(matches!(error, Error::Unfit { .. }), "{name:?}");
        }
    }

    #[test]
    fn zero_bytes_are_refused() {
        let policy = policy(&[("allow", "cat")]).unwrap();
        let command = Command {
            arguments: vec!["a\0b".into()],
            ..command("cat")
        };
        assert_eq!(
            policy.check(&command).unwrap_err().to_string(),
            "an argument cannot be passed on: it contains a zero byte"
        );
    }

    #[test]
    fn no_shell_runs_what_names_no_interpreter() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs::write(&file, text).unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
            file.into_os_string().into_string().unwrap()
        };
        let commands = file("commands", "echo hello\n");
        let short = file("short", "#");
        let script = file("script", "#!/bin/cat\n");
        let allow = [commands.as_str(), &short, &script].join(",");
        let policy = policy(&[("allow", &allow)]).unwrap();
        for program in [&commands, &short] {
            let error = policy.check(&command(program)).unwrap_err();
            assert!(matches!(error, Error::Start { .. }), "{error}");
        }
        policy.check(&command(&script)).unwrap();
    }

    #[test]
    fn long_and_strange_names_are_shown_as_text() {
        assert_eq!(shown(OsStr::new("a\nb")), "a\\u{a}b");
        let long = "é".repeat(1000);
        assert_eq!(shown(OsStr::new(&long)).chars().count(), 101);
        assert_eq!(shown(OsStr::from_bytes(b"\xff")), "\u{fffd}");
    }
}
