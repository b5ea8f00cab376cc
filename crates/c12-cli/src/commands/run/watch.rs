//! `c12 run --watch`: for those who are writing the guest, or a plugin.

use std::convert::Infallible;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use c12::plugin::FileWatch;
use c12::{Error, Linked};
use signal_hook::consts::SIGHUP;

use super::{Program, Run, runtime};
use crate::config::Config;
use crate::report::{self, Failure, Note, Warning};

/// How often files are looked at. What changed must be left alone that long, because compilers write piece by piece.
const INTERVAL: Duration = Duration::from_millis(200);

/// Runs the guest again and again. A change that cannot be used is told, and what runs goes on.
pub(super) fn execute(run: &Run, program: &Program<'_>) -> Result<u8, Failure> {
    let json = run.log.json;
    let hangup = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(SIGHUP, Arc::clone(&hangup))
        .map_err(|error| Failure::own("cannot wait for SIGHUP").because(error))?;
    // Without a file there is nothing to wait for; one that cannot be used may become better.
    let bytes = program.read()?;
    let mut changes = Changes {
        program,
        config: run.config.clone(),
        json,
        hangup,
        files: Vec::new(),
    };
    runtime()?.block_on(async {
        changes.watch();
        let mut linked = match program.link(&bytes) {
            Ok(linked) => linked,
            Err(failure) => {
                report::print(&failure, json);
                Note("waiting for changes".into()).print(json);
                changes.next().await
            }
        };
        loop {
            changes.watch();
            let next = tokio::select! {
                biased;
                next = changes.next() => Some(next),
                outcome = run.run(&linked) => {
                    if let Err(failure @ Failure::Runtime(Error::StdoutClosed)) = outcome {
                        return Err(failure);
                    }
                    tell(&outcome, json);
                    None
                }
            };
            linked = match next {
                Some(next) => next,
                None => changes.next().await,
            };
        }
    })
}

fn tell(outcome: &Result<u8, Failure>, json: bool) {
    let ended = match outcome {
        Ok(code) => format!("ended with exit code {code}"),
        Err(failure) => {
            report::print(failure, json);
            "ended".to_owned()
        }
    };
    Note(format!("{ended}; waiting for changes")).print(json);
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    App,
    Config,
    Plugin,
}

/// What may change.
struct Changes<'a> {
    program: &'a Program<'a>,
    config: Option<PathBuf>,
    json: bool,
    hangup: Arc<AtomicBool>,
    files: Vec<(Role, FileWatch)>,
}

impl Changes<'_> {
    /// Remembers how the files look now, those of plugins that were found by now included.
    fn watch(&mut self) {
        let app = [(Role::App, self.program.path.to_owned())];
        let config = self.config.iter().map(|path| (Role::Config, path.clone()));
        let plugins = self.program.host.registry().files();
        let plugins = plugins.into_iter().map(|path| (Role::Plugin, path));
        self.files = app
            .into_iter()
            .chain(config)
            .chain(plugins)
            .map(|(role, path)| (role, FileWatch::new(path)))
            .collect();
    }

    /// Waits until there is something else to run.
    async fn next(&self) -> Linked {
        loop {
            let changed = self.settled().await;
            if changed.contains(&Role::Config)
                && let Err(failure) = self.start_over()
            {
                report::print(&failure, self.json);
            }
            let replaced = self.reload();
            if !replaced && !changed.contains(&Role::App) {
                continue;
            }
            let linked = self
                .program
                .read()
                .and_then(|bytes| self.program.link(&bytes));
            match linked {
                Ok(linked) => {
                    Note(format!("running {} again", self.program.name)).print(self.json);
                    return linked;
                }
                Err(failure) => report::print(&failure, self.json),
            }
        }
    }

    /// Which files changed, as soon as no more of them do.
    async fn settled(&self) -> Vec<Role> {
        let mut changed = Vec::new();
        loop {
            tokio::time::sleep(INTERVAL).await;
            if self.hangup.swap(false, Ordering::Relaxed) {
                return vec![Role::App, Role::Plugin];
            }
            let known = changed.len();
            for (role, file) in &self.files {
                if file.changed() {
                    changed.push(*role);
                }
            }
            if known > 0 && changed.len() == known {
                return changed;
            }
        }
    }

    /// Puts new versions of plugins in place, and says what is wrong with those that cannot be used. Whether any is new.
    fn reload(&self) -> bool {
        let mut replaced = false;
        for reload in self.program.host.reload() {
            match reload.outcome {
                Ok(()) => replaced = true,
                // The log has it.
                Err(_) if tracing::dispatcher::has_been_set() => {}
                Err(error) => Warning {
                    message: format!(
                        "the new version of the plugin `{}` cannot be used; the old one stays",
                        reload.plugin
                    ),
                    cause: error.to_string(),
                    help: None,
                }
                .print(self.json),
            }
        }
        replaced
    }

    /// The configuration decides everything, so everything is done anew if it can be read.
    fn start_over(&self) -> Result<Infallible, Failure> {
        Config::read(self.config.as_deref())?;
        let mut arguments = std::env::args_os();
        let name = arguments.next().unwrap_or_else(|| OsString::from("c12"));
        let error = Command::new("/proc/self/exe")
            .arg0(name)
            .args(arguments)
            .exec();
        Err(Failure::own("cannot start with the new configuration").because(error))
    }
}
