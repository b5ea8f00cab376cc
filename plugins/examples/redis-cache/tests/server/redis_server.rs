//! A Redis server of a test's own. `C12_REDIS_SERVER` names the program; `redis-cli` is beside it.
#![allow(dead_code, unreachable_pub)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longer than it takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program, if there is one.
pub fn program() -> Option<PathBuf> {
    let named =
        std::env::var_os("C12_REDIS_SERVER").or(option_env!("C12_REDIS_SERVER").map(Into::into))?;
    (!named.is_empty()).then(|| named.into())
}

/// A server that keeps nothing on disk and ends with this, whether the test succeeds or panics.
pub struct Server {
    /// Where its socket is.
    folder: PathBuf,
    _temporary: Option<TempDir>,
    options: Vec<String>,
    child: Option<Child>,
}

impl Server {
    /// Starts one on a socket in a folder of its own, with more options.
    pub fn start(options: &[&str]) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let mut server = Server {
            folder: temporary.path().to_owned(),
            _temporary: Some(temporary),
            options: options.iter().map(|option| (*option).to_owned()).collect(),
            child: None,
        };
        server.run();
        server
    }

    /// Starts one on a socket `redis.sock` in a folder.
    pub fn start_in(folder: &Path) -> Self {
        let mut server = Server {
            folder: folder.to_owned(),
            _temporary: None,
            options: Vec::new(),
            child: None,
        };
        server.run();
        server
    }

    /// Starts it again at the same place, without what it had.
    pub fn run(&mut self) {
        assert!(self.child.is_none(), "it runs");
        let child = Command::new(program().expect("C12_REDIS_SERVER is not set"))
            .args(["--port", "0", "--unixsocket"])
            .arg(self.socket())
            .args(["--save", "", "--appendonly", "no", "--daemonize", "no"])
            .arg("--dir")
            .arg(&self.folder)
            .arg("--logfile")
            .arg(self.folder.join("log"))
            .args(&self.options)
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        let start = Instant::now();
        // With a password it answers too: that one is needed.
        while !["PONG", "NOAUTH"]
            .iter()
            .any(|it| self.ask(&["PING"]).contains(it))
        {
            let log = || std::fs::read_to_string(self.folder.join("log"));
            assert!(start.elapsed() < PATIENCE, "it does not start: {:?}", log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Kills it. Its socket stays, with nobody behind it.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Stops it without ending it: it takes connections and says nothing.
    pub fn freeze(&self) {
        self.signal("STOP");
    }

    /// Goes on after `freeze`.
    pub fn thaw(&self) {
        self.signal("CONT");
    }

    fn signal(&self, signal: &str) {
        let child = self.child.as_ref().unwrap();
        let sent = Command::new("kill")
            .args([format!("-{signal}"), child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("redis.sock")
    }

    /// What `redis-cli` prints.
    fn ask(&self, words: &[&str]) -> String {
        let program = program().expect("C12_REDIS_SERVER is not set");
        let beside = program.parent().unwrap_or(Path::new("")).join("redis-cli");
        let output = Command::new(beside)
            .arg("-s")
            .arg(self.socket())
            .args(words)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout)
            .trim_end()
            .to_owned()
    }

    /// What `redis-cli` prints of a command that succeeds.
    #[track_caller]
    pub fn cli(&self, words: &[&str]) -> String {
        let printed = self.ask(words);
        assert!(!printed.contains("ERR"), "{words:?}: {printed}");
        printed
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}
