//! The right to end a process, and the thread that starts, watches and reaps it.

use std::io;
use std::process::{ChildStderr, ChildStdin, ChildStdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use tokio::sync::{oneshot, watch};

use crate::Error;

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// By itself, with this code.
    Code(i32),
    /// By this signal.
    Signal(i32),
}

/// How a process ended, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Known(Status),
    /// The operating system did not say.
    Lost,
}

/// What is known of the end: nothing, until it is there.
pub(crate) type EndReceiver = watch::Receiver<Option<End>>;

/// Why the host ended a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    Timeout(Duration),
    Output { stream: &'static str, limit: u64 },
}

impl From<Reason> for Error {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::Timeout(limit) => Error::Timeout { limit },
            Reason::Output { stream, limit } => Error::TooMuchOutput { stream, limit },
        }
    }
}

/// As long as it exists, its process is not reaped, so that the number of the process, and of the group that it
/// leads, cannot have passed to others and a signal cannot hit a stranger. When it goes, the group is killed.
#[derive(Debug)]
pub(crate) struct Lease {
    process: Pid,
    /// Whether the number may belong to others all the same.
    lost: Arc<AtomicBool>,
    reason: OnceLock<Reason>,
    /// The thread reaps the process when this hangs up, which comes after the kill: fields go after [`Drop::drop`].
    _hold: mpsc::Sender<()>,
}

impl Lease {
    /// Kills every process of the group.
    pub(crate) fn kill(&self) {
        if self.lost.load(Ordering::Acquire) {
            return;
        }
        match kill_process_group(self.process, Signal::KILL) {
            Ok(()) | Err(Errno::SRCH) => {}
            Err(error) => tracing::warn!(process = ?self.process, %error, "cannot kill a program"),
        }
    }

    /// Kills, and keeps why. The first reason counts.
    pub(crate) fn end(&self, reason: Reason) {
        tracing::debug!(process = ?self.process, ?reason, "killing a program");
        let _ = self.reason.set(reason);
        self.kill();
    }

    /// Why the host ended it, if it did.
    pub(crate) fn reason(&self) -> Option<Reason> {
        self.reason.get().copied()
    }

    #[cfg(test)]
    pub(crate) fn process(&self) -> Pid {
        self.process
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A process that was just started.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) lease: Arc<Lease>,
    pub(crate) stdin: Option<ChildStdin>,
    pub(crate) stdout: Option<ChildStdout>,
    pub(crate) stderr: Option<ChildStderr>,
}

/// Starts a process on a thread of its own. That thread lives as long as the process: on Linux the kernel kills a
/// child when the *thread* that forked it ends, so no thread of a pool may do it.
///
/// # Errors
///
/// Those of starting a thread. Those of starting the process come through the receiver.
pub(crate) fn start(
    command: std::process::Command,
) -> io::Result<(oneshot::Receiver<io::Result<Started>>, EndReceiver)> {
    /// It forks and waits, and does nothing else.
    const STACK: usize = 256 << 10;
    let (started, receiver) = oneshot::channel();
    let (ended, end) = watch::channel(None);
    thread::Builder::new()
        .name("c12-process".into())
        .stack_size(STACK)
        .spawn(move || supervise(command, started, &ended))?;
    Ok((receiver, end))
}

fn supervise(
    mut command: std::process::Command,
    started: oneshot::Sender<io::Result<Started>>,
    ended: &watch::Sender<Option<End>>,
) {
    die_with_this_thread(&mut command);
    let mut child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            // Nobody waits any more; nothing was started either.
            let _ = started.send(Err(error));
            return;
        }
    };
    let process = Pid::from_child(&child);
    let lost = Arc::new(AtomicBool::new(false));
    let (hold, released) = mpsc::channel();
    let lease = Arc::new(Lease {
        process,
        lost: Arc::clone(&lost),
        reason: OnceLock::new(),
        _hold: hold,
    });
    // If nobody waits any more, what comes back is dropped, and the process is killed with it.
    drop(started.send(Ok(Started {
        lease,
        stdin: child.stdin.take(),
        stdout: child.stdout.take(),
        stderr: child.stderr.take(),
    })));
    let end = wait(process);
    if end == End::Lost {
        lost.store(true, Ordering::Release);
    }
    ended.send_replace(Some(end));
    // Nothing is ever sent: this waits for the lease to go.
    let _ = released.recv();
    if end != End::Lost {
        let _ = child.wait();
    }
}

/// Waits for the end, and leaves the process unreaped.
fn wait(process: Pid) -> End {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    loop {
        match waitid(WaitId::Pid(process), options) {
            Ok(Some(status)) => {
                let code = status.exit_status().map(Status::Code);
                let signal = || status.terminating_signal().map(Status::Signal);
                if let Some(status) = code.or_else(signal) {
                    return End::Known(status);
                }
            }
            Ok(None) | Err(Errno::INTR) => {}
            Err(error) => {
                // SIGCHLD is ignored in this process, so that the kernel reaps by itself.
                tracing::warn!(?process, %error, "cannot wait for a program");
                return End::Lost;
            }
        }
    }
}

/// Has the kernel kill the process when this one ends in a way that runs no destructors: a signal, an abort.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn die_with_this_thread(command: &mut std::process::Command) {
    use std::os::unix::process::CommandExt;

    use rustix::process::{getpid, getppid, set_parent_process_death_signal};

    let parent = getpid();
    let in_the_child = move || -> io::Result<()> {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // The parent may have ended before the line above.
        if getppid() == Some(parent) {
            Ok(())
        } else {
            Err(io::Error::from(Errno::SRCH))
        }
    };
    // SAFETY: the closure runs between fork and exec, where only what is safe in a signal handler may be done. It
    // makes two system calls and compares numbers; it neither allocates, nor locks, nor touches memory of others.
    unsafe {
        command.pre_exec(in_the_child);
    }
}

/// Other systems have nothing of the kind: there a process outlives a host that is killed.
#[cfg(not(target_os = "linux"))]
fn die_with_this_thread(_: &mut std::process::Command) {}
