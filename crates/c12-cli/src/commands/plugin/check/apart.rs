//! The check in a process of its own, and what is said when that does not reach its end.

use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use super::steps::Steps;
use crate::options::Time;
use crate::report::{self, Failure};

/// Set in that process.
const APART: &str = "C12_PLUGIN_CHECK_APART";

/// Its exit codes. A plugin that ends the process hardly uses these.
const FINE: u8 = 100;
const WRONG: u8 = 101;

/// Whether this is that process. If so, it ends with the one that started it.
pub(super) fn is_apart() -> bool {
    let apart = std::env::var_os(APART).is_some();
    #[cfg(target_os = "linux")]
    if apart {
        use rustix::process::{Signal, set_parent_process_death_signal};
        // Without it, a plugin that hangs would be left behind when the check is interrupted.
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
    }
    apart
}

pub(super) fn exit_code(fine: bool) -> u8 {
    if fine { FINE } else { WRONG }
}

/// Runs the same command in a process of its own.
pub(super) fn run(timeout: Option<Time>, json: bool) -> Result<u8, Failure> {
    const LONGEST: Duration = Duration::from_secs(60);
    const PAUSE: Duration = Duration::from_millis(5);
    let failed = |error| Failure::own("cannot start the check").because(error);
    let limit = timeout.map_or(LONGEST, |time| time.0);
    let program = std::env::current_exe().map_err(failed)?;
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(APART, "yes")
        .spawn()
        .map_err(failed)?;
    let mut steps = Steps::new(json);
    let ended = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if started.elapsed() > limit {
            child.kill().map_err(failed)?;
            child.wait().map_err(failed)?;
            let time = humantime::format_duration(limit);
            steps.wrong(
                "time",
                &format!("given up after {time}, in what follows the last line"),
                Some("if it is not stuck, give it more time with `--timeout`"),
            )?;
            return Ok(1);
        }
        std::thread::sleep(PAUSE);
    };
    match ended.code().and_then(|code| u8::try_from(code).ok()) {
        Some(FINE) => Ok(0),
        Some(WRONG) => Ok(1),
        // It has said why.
        Some(code @ (report::USAGE | report::BROKEN_PIPE)) => Ok(code),
        _ => {
            steps.wrong(
                "process",
                &format!(
                    "ended {}, in what follows the last line",
                    end(ended)
                ),
                Some(&format!(
                    "run the same line under a debugger, with {APART}=yes and C12_PLUGIN_IN_PLACE=yes in the environment"
                )),
            )?;
            Ok(1)
        }
    }
}

fn end(status: ExitStatus) -> String {
    let Some(signal) = status.signal() else {
        let code = status.code().unwrap_or_default();
        return format!("with exit code {code}");
    };
    let name = match signal {
        4 => " (illegal instruction)",
        6 => " (abort)",
        7 => " (bus error)",
        8 => " (arithmetic)",
        9 => " (kill)",
        11 => " (segmentation fault)",
        _ => "",
    };
    format!("by signal {signal}{name}")
}
