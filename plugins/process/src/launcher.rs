use std::os::unix::process::CommandExt;
use std::pin::pin;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe;
use tokio::sync::Semaphore;

use crate::policy::shown;
use crate::{Child, Command, Error, Output, Pipes, Policy, Status, lease};

/// Starts programs for one guest. Clones count together.
#[derive(Debug, Clone)]
pub struct Launcher {
    policy: Arc<Policy>,
    slots: Arc<Semaphore>,
}

/// What came of a program that ran to its end, or was stopped.
#[derive(Debug)]
pub struct Finished {
    /// How it ended, or why it was killed.
    pub status: Result<Status, Error>,
    /// What it wrote into standard output, up to the limit.
    pub stdout: Vec<u8>,
    /// What it wrote into standard error, up to the limit.
    pub stderr: Vec<u8>,
}

impl Launcher {
    /// Starts what the policy allows.
    pub fn new(policy: Arc<Policy>) -> Self {
        Launcher {
            slots: Arc::new(Semaphore::new(policy.processes())),
            policy,
        }
    }

    /// Starts a program.
    ///
    /// # Errors
    ///
    /// Those of [`Policy::check`], [`Error::TooManyProcesses`], and [`Error::Start`].
    pub async fn spawn(&self, command: &Command, pipes: Pipes) -> Result<Child, Error> {
        let program = shown(&command.program);
        let file = self.policy.check(command).inspect_err(|error| {
            tracing::debug!(%program, %error, "a program was not started");
        })?;
        let slot =
            Arc::clone(&self.slots)
                .try_acquire_owned()
                .map_err(|_| Error::TooManyProcesses {
                    limit: self.policy.processes(),
                })?;
        let failed = |reason| Error::Start {
            program: program.clone(),
            reason,
        };
        let mut native = std::process::Command::new(&file);
        native
            .arg0(&command.program)
            .args(&command.arguments)
            .env_clear()
            .envs(
                command
                    .environment
                    .iter()
                    .map(|(name, value)| (name, value)),
            )
            .current_dir(self.policy.directory())
            // A group of its own, so that all of it can be killed and none of ours is.
            .process_group(0)
            .stdin(stream(pipes.stdin))
            .stdout(stream(pipes.stdout))
            .stderr(stream(pipes.stderr));
        let (started, end) = lease::start(native).map_err(failed)?;
        let started = started
            .await
            .unwrap_or_else(|_| Err(std::io::Error::other("the thread that starts it ended")))
            .map_err(failed)?;
        tracing::debug!(%program, file = %file.display(), "a program was started");
        let timeout = command.timeout.unwrap_or(self.policy.timeout());
        Child::new(started, end, timeout, self.policy.output(), slot).map_err(failed)
    }

    /// Starts a program, gives it `input` to read, and waits for its end. What it left running in its process group
    /// is killed then.
    ///
    /// # Errors
    ///
    /// Those of [`Launcher::spawn`]. What goes wrong later is the [status](Finished::status).
    pub async fn run(&self, command: &Command, input: Bytes) -> Result<Finished, Error> {
        /// For what is in the pipes at the end. Whoever has left the process group and holds them open is not waited for.
        const REST: Duration = Duration::from_secs(1);
        let pipes = Pipes {
            stdin: !input.is_empty(),
            stdout: true,
            stderr: true,
        };
        let mut child = self.spawn(command, pipes).await?;
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        {
            let mut ended = child.ended();
            let mut streams = pin!({
                let feeding = feed(child.take_stdin(), input);
                let writing = collect(child.take_stdout(), &mut stdout);
                let reporting = collect(child.take_stderr(), &mut stderr);
                async move { tokio::join!(feeding, writing, reporting) }
            });
            tokio::select! {
                // The program has closed its streams and goes on, until its end or the timer's.
                _ = &mut streams => ended.wait().await,
                () = ended.wait() => {
                    child.kill();
                    let _ = tokio::time::timeout(REST, &mut streams).await;
                }
            }
        }
        Ok(Finished {
            status: child.wait().await,
            stdout,
            stderr,
        })
    }
}

fn stream(piped: bool) -> Stdio {
    if piped { Stdio::piped() } else { Stdio::null() }
}

async fn feed(pipe: Option<pipe::Sender>, input: Bytes) {
    if let Some(mut pipe) = pipe {
        // A program need not read all that it is given.
        let _ = pipe.write_all(&input).await;
    }
}

/// Collects until the end, or until reading fails: why is the child's to say.
async fn collect(output: Option<Output>, into: &mut Vec<u8>) {
    const CHUNK: usize = 16 << 10;
    let Some(mut output) = output else { return };
    loop {
        into.reserve(CHUNK);
        match output.read_buf(into).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use c12::plugin::Settings;

    use super::*;

    /// Far longer than anything here takes, and shorter than the programs would.
    const SOON: Duration = Duration::from_secs(20);

    fn launcher(settings: &[(&str, &str)]) -> Launcher {
        let given: Vec<_> = settings
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect();
        let settings = Settings::check("process", &crate::policy::keys(), &given).unwrap();
        Launcher::new(Arc::new(Policy::new(&settings).unwrap()))
    }

    fn command(words: &[&str]) -> Command {
        Command {
            program: words[0].into(),
            arguments: words[1..].iter().map(Into::into).collect(),
            ..Command::default()
        }
    }

    const ALL: Pipes = Pipes {
        stdin: true,
        stdout: true,
        stderr: true,
    };

    async fn run(words: &[&str], input: &'static [u8]) -> Finished {
        let launcher = launcher(&[("allow", words[0])]);
        launcher
            .run(&command(words), Bytes::from_static(input))
            .await
            .unwrap()
    }

    fn code(finished: &Finished) -> i32 {
        match finished.status {
            Ok(Status::Code(code)) => code,
            ref other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn gives_input_and_takes_output() {
        let finished = run(&["cat"], b"one\ntwo").await;
        assert_eq!((code(&finished), &*finished.stdout), (0, &b"one\ntwo"[..]));
        assert!(finished.stderr.is_empty());
    }

    #[tokio::test]
    async fn reports_failure() {
        assert_eq!(code(&run(&["false"], b"").await), 1);
        let finished = run(&["ls", "/c12/has/no/such/folder"], b"").await;
        assert_ne!(code(&finished), 0);
        assert!(!finished.stderr.is_empty() && finished.stdout.is_empty());
    }

    #[tokio::test]
    async fn no_shell_reads_the_arguments() {
        let words = ["echo", "$HOME", "*", "a  b", "$(id)", "; id", "> x", "\"'"];
        let finished = run(&words, b"").await;
        let text = String::from_utf8(finished.stdout).unwrap();
        assert_eq!(text, "$HOME * a  b $(id) ; id > x \"'\n");
    }

    #[tokio::test]
    async fn nothing_is_inherited() {
        let launcher = launcher(&[("allow", "env,pwd")]);
        let command = |program: &str| Command {
            program: program.into(),
            environment: vec![("A".into(), "1".into()), ("A".into(), "2".into())],
            ..Command::default()
        };
        let printed = async |program: &str| {
            let finished = launcher.run(&command(program), Bytes::new()).await.unwrap();
            String::from_utf8(finished.stdout).unwrap()
        };
        assert_eq!(printed("env").await, "A=2\n");
        assert_eq!(printed("pwd").await, "/\n");
    }

    #[tokio::test]
    async fn starts_where_the_host_says() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().canonicalize().unwrap();
        let settings = [("allow", "pwd"), ("directory", folder.to_str().unwrap())];
        let finished = launcher(&settings)
            .run(&command(&["pwd", "-P"]), Bytes::new())
            .await
            .unwrap();
        assert_eq!(
            String::from_utf8(finished.stdout).unwrap().trim_end(),
            folder.to_str().unwrap()
        );
    }

    #[tokio::test]
    async fn more_than_a_pipe_holds_goes_through() {
        static INPUT: [u8; 4 << 20] = [b'x'; 4 << 20];
        let finished = run(&["cat"], &INPUT).await;
        assert_eq!((code(&finished), finished.stdout.len()), (0, INPUT.len()));
        // A program need not read its input.
        assert_eq!(code(&run(&["true"], &INPUT).await), 0);
    }

    #[tokio::test]
    async fn ends_what_takes_too_long() {
        let launcher = launcher(&[("allow", "sleep"), ("timeout", "1m")]);
        let started = Instant::now();
        let command = Command {
            timeout: Some(Duration::from_millis(50)),
            ..command(&["sleep", "60"])
        };
        let finished = launcher.run(&command, Bytes::new()).await.unwrap();
        assert_eq!(
            finished.status.unwrap_err().to_string(),
            "the program was killed after 50 ms"
        );
        assert!(started.elapsed() < SOON);
    }

    #[tokio::test]
    async fn ends_what_writes_too_much() {
        let launcher = launcher(&[("allow", "cat"), ("output", "1000")]);
        let command = command(&["cat", "/dev/zero"]);
        let finished = launcher.run(&command, Bytes::new()).await.unwrap();
        assert_eq!(finished.stdout.len(), 1000);
        assert_eq!(
            finished.status.unwrap_err().to_string(),
            "the program was killed because its standard output passed 1000 bytes; `process.output` is the limit"
        );
        // As much as is allowed is not too much.
        let exact = Bytes::from_static(&[b'x'; 1000]);
        let finished = launcher.run(&self::command(&["cat"]), exact).await;
        assert_eq!(code(&finished.unwrap()), 0);
    }

    #[tokio::test]
    async fn counts_what_is_there_at_once() {
        let launcher = launcher(&[("allow", "sleep"), ("processes", "2")]);
        let sleep = command(&["sleep", "60"]);
        let spawn = async || launcher.spawn(&sleep, Pipes::default()).await;
        let (first, _second) = (spawn().await.unwrap(), spawn().await.unwrap());
        let error = spawn().await.unwrap_err();
        assert!(
            matches!(error, Error::TooManyProcesses { limit: 2 }),
            "{error}"
        );
        drop(first);
        spawn().await.unwrap();
    }

    #[tokio::test]
    async fn kills() {
        let launcher = launcher(&[("allow", "sleep")]);
        let mut child = launcher
            .spawn(&command(&["sleep", "60"]), Pipes::default())
            .await
            .unwrap();
        child.kill();
        assert_eq!(child.wait().await.unwrap(), Status::Signal(9));
        // The end stays known, and killing what has ended does nothing.
        child.kill();
        assert_eq!(child.wait().await.unwrap(), Status::Signal(9));
    }

    #[tokio::test]
    async fn streams_while_it_runs() {
        let launcher = launcher(&[("allow", "cat")]);
        let mut child = launcher.spawn(&command(&["cat"]), ALL).await.unwrap();
        let mut stdin = child.take_stdin().unwrap();
        let mut stdout = child.take_stdout().unwrap();
        assert!(child.take_stdin().is_none() && child.take_stdout().is_none());
        for text in [&b"first"[..], b"second"] {
            stdin.write_all(text).await.unwrap();
            let mut back = vec![0; text.len()];
            stdout.read_exact(&mut back).await.unwrap();
            assert_eq!(back, text);
        }
        drop(stdin);
        assert_eq!(stdout.read(&mut [0; 8]).await.unwrap(), 0);
        assert_eq!(child.wait().await.unwrap(), Status::Code(0));
    }

    #[tokio::test]
    async fn waiting_closes_an_input_that_nobody_took() {
        let launcher = launcher(&[("allow", "cat")]);
        let mut child = launcher.spawn(&command(&["cat"]), ALL).await.unwrap();
        assert_eq!(child.wait().await.unwrap(), Status::Code(0));
    }

    #[tokio::test]
    async fn its_own_children_go_with_it() {
        let launcher = launcher(&[("allow", "xargs")]);
        let command = command(&["xargs", "-t", "sleep"]);
        let mut child = launcher.spawn(&command, ALL).await.unwrap();
        let mut stdin = child.take_stdin().unwrap();
        let mut stdout = child.take_stdout().unwrap();
        let mut stderr = child.take_stderr().unwrap();
        stdin.write_all(b"60\n").await.unwrap();
        drop(stdin);
        // It says what it starts.
        assert_ne!(stderr.read(&mut [0; 100]).await.unwrap(), 0);
        drop(child);
        // `sleep` holds the output open for as long as it lives.
        let end = tokio::time::timeout(SOON, stdout.read(&mut [0; 8])).await;
        assert_eq!(end.expect("it still runs").unwrap(), 0);
    }

    #[tokio::test]
    async fn what_left_the_group_is_not_waited_for() {
        let started = Instant::now();
        let finished = run(&["setsid", "--fork", "sleep", "30"], b"").await;
        assert_eq!(code(&finished), 0);
        assert!(started.elapsed() < SOON);
    }

    #[tokio::test]
    async fn a_run_that_is_given_up_is_killed() {
        let launcher = launcher(&[("allow", "sleep"), ("processes", "1")]);
        let sleep = command(&["sleep", "60"]);
        let run = launcher.run(&sleep, Bytes::new());
        tokio::time::timeout(Duration::from_millis(100), run)
            .await
            .unwrap_err();
        launcher.spawn(&sleep, Pipes::default()).await.unwrap();
    }

    #[cfg(target_os = "linux")]
    mod host {
        use std::io::BufRead;
        use std::process::{Command as Native, Stdio};

        use super::*;

        const VARIABLE: &str = "C12_PROCESS_TEST_HOLDS";

        /// Does something only in the process that the test below starts.
        #[tokio::test]
        async fn holds_a_program() {
            if std::env::var_os(VARIABLE).is_none() {
                return;
            }
            let launcher = launcher(&[("allow", "sleep"), ("timeout", "1m")]);
            let sleep = command(&["sleep", "60"]);
            let child = launcher.spawn(&sleep, Pipes::default()).await.unwrap();
            println!("started {};", child.process().as_raw_nonzero());
            std::future::pending::<()>().await;
        }

        fn runs(process: &str) -> bool {
            // The state is the first field behind the name, which stands in parentheses.
            std::fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|line| {
                line.rsplit_once(") ")
                    .is_some_and(|(_, fields)| !fields.starts_with(['Z', 'X']))
            })
        }

        #[test]
        fn a_program_dies_with_a_host_that_is_killed() {
            let mut host = Native::new(std::env::current_exe().unwrap())
                .args([
                    "--exact",
                    "launcher::tests::host::holds_a_program",
                    "--nocapture",
                ])
                .env(VARIABLE, "yes")
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let process = std::io::BufReader::new(host.stdout.take().unwrap())
                .lines()
                .find_map(|line| {
                    let line = line.unwrap();
                    let (_, rest) = line.split_once("started ")?;
                    Some(rest.split_once(';').unwrap().0.to_owned())
                })
                .unwrap();
            assert!(runs(&process));
            host.kill().unwrap();
            host.wait().unwrap();
            let started = Instant::now();
            while runs(&process) {
                assert!(started.elapsed() < SOON, "it still runs");
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}
