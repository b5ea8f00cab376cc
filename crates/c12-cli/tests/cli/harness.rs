//! Runs the real program in a home of its own.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A home folder of its own, with a scratch folder in which the program runs.
pub(crate) struct Home {
    folder: TempDir,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

pub(crate) struct C12 {
    command: Command,
    stdin: Vec<u8>,
    patience: Duration,
}

impl Home {
    pub(crate) fn new() -> Self {
        let home = Home {
            folder: tempfile::tempdir().unwrap(),
        };
        std::fs::create_dir(home.folder.path().join("work")).unwrap();
        home
    }

    /// The folder in which the program runs.
    pub(crate) fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.folder.path().join(".cache/c12/compiled")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.folder.path().join(".local/state/c12/artifact.key")
    }

    /// The user's plugin folder.
    pub(crate) fn plugins(&self) -> PathBuf {
        self.folder.path().join(".local/share/c12/plugins")
    }

    /// Writes a file into the folder in which the program runs.
    pub(crate) fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, contents).unwrap();
        path
    }

    /// The program with nothing compiled yet.
    pub(crate) fn c12<S: AsRef<std::ffi::OsStr>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
    ) -> C12 {
        let mut command = Command::new(env!("CARGO_BIN_EXE_c12"));
        command.args(arguments).current_dir(self.work());
        self.isolate(&mut command);
        C12 {
            command,
            stdin: Vec::new(),
            patience: PATIENCE,
        }
    }

    /// A shell script with the program as `c12`.
    pub(crate) fn shell(&self, script: &str) -> C12 {
        let mut command = Command::new("bash");
        command.args(["-c", script]).current_dir(self.work());
        self.isolate(&mut command);
        let program = Path::new(env!("CARGO_BIN_EXE_c12")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{}:{path}", program.display()));
        C12 {
            command,
            stdin: Vec::new(),
            patience: PATIENCE,
        }
    }

    fn isolate(&self, command: &mut Command) {
        for name in [
            "XDG_CACHE_HOME",
            "XDG_STATE_HOME",
            "C12_CACHE_DIR",
            "C12_STATE_DIR",
            "C12_LOG",
            "C12_CONFIG",
            "C12_PLUGIN_PATH",
            "C12_PLUGIN_IN_PLACE",
            "XDG_DATA_HOME",
        ] {
            command.env_remove(name);
        }
        command.env("HOME", self.folder.path());
    }
}

impl C12 {
    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// Waits so long for its end.
    pub(crate) fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Looks for programs in this folder, too.
    pub(crate) fn path(self, folder: &Path) -> Self {
        let named = |(name, value): (&std::ffi::OsStr, Option<&std::ffi::OsStr>)| {
            (name == "PATH").then(|| value.unwrap_or_default().to_owned())
        };
        let mut path = self.command.get_envs().find_map(named).unwrap_or_default();
        path.push(":");
        path.push(folder);
        self.env("PATH", path)
    }

    pub(crate) fn spawn(self) -> Child {
        self.spawn_reading(Stdio::null())
    }

    /// Starts it with an input that the test writes while it runs.
    pub(crate) fn spawn_asking(self) -> Child {
        self.spawn_reading(Stdio::piped())
    }

    fn spawn_reading(mut self, input: Stdio) -> Child {
        self.command
            .stdin(input)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    pub(crate) fn run(mut self) -> Outcome {
        let started = Instant::now();
        self.command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = self.command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let bytes = self.stdin;
        let feeding = std::thread::spawn(move || {
            // A guest that does not read its input closes it early.
            let _ = stdin.write_all(&bytes);
        });
        let stdout = collect(child.stdout.take().unwrap());
        let stderr = collect(child.stderr.take().unwrap());
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if started.elapsed() > self.patience {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!(
                    "still running after {:?}: {:?}",
                    self.patience, self.command
                );
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        feeding.join().unwrap();
        let code = std::os::unix::process::ExitStatusExt::signal(&status)
            .map_or_else(|| status.code().unwrap(), |signal| 128 + signal);
        Outcome {
            code,
            stdout: stdout.join().unwrap(),
            stderr: stderr.join().unwrap(),
            took: started.elapsed(),
        }
    }
}

fn collect(mut stream: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

impl Outcome {
    /// Fails unless the run ended with code 0, and returns what it printed.
    #[track_caller]
    pub(crate) fn success(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.stdout
    }

    /// Fails unless the run ended with this code and nothing on standard output, and returns the error.
    #[track_caller]
    pub(crate) fn failure(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (code, ""), "{self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        self.stderr
    }
}
