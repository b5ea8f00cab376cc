//! `c12 run --watch`: for those who are writing the guest, or a plugin.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
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

/// The exit code of a program that ended because its terminal did.
const HANGUP: u8 = 128 + SIGHUP as u8;

/// Runs the guest again and again. A change that cannot be used is told, and what runs goes on.
pub(super) fn execute(run: &Run) -> Result<u8, Failure> {
    let json = run.log.json;
    let hangup = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(SIGHUP, Arc::clone(&hangup))
        .map_err(|error| Failure::own("cannot wait for SIGHUP").because(error))?;
    let mut files = Files::default();
    let app = run.app()?.0;
    // A pipe, say, is read once and has no other content later.
    if app.metadata().is_ok_and(|found| !found.is_file()) {
        return Err(Failure::usage(format!(
            "`--watch` cannot read {} again",
            crate::commands::name(app)
        ))
        .because("it is not a regular file"));
    }
    // Before they are read: what changes later is seen.
    files.add(Role::App, app.to_owned());
    files.add_all(Role::Config, run.config.clone());
    let mut watcher = Watcher {
        run,
        program: program(run)?,
        hangup,
        has_terminal: terminal(),
        files,
    };
    // Without a file there is nothing to wait for; one that cannot be used may become better.
    let bytes = watcher.program.read()?;
    runtime()?.block_on(async {
        let mut linked = match watcher.program.link(&bytes) {
            Ok(linked) => Some(linked),
            Err(failure) => {
                report::print(&failure, json);
                Note("waiting for changes".into()).print(json);
                watcher.next().await
            }
        };
        while let Some(current) = linked {
            watcher.watch_plugins();
            let next = tokio::select! {
                biased;
                next = watcher.next() => Some(next),
                outcome = run.run(&current) => {
                    if let Err(failure @ Failure::Runtime(Error::StdoutClosed)) = outcome {
                        return Err(failure);
                    }
                    tell(&outcome, json);
                    None
                }
            };
            linked = match next {
                Some(next) => next,
                None => watcher.next().await,
            };
        }
        Ok(HANGUP)
    })
}

fn program(run: &Run) -> Result<Program<'_>, Failure> {
    run.program(&Config::read(run.config.as_deref())?)
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

/// Whether there is a terminal that could hang up.
fn terminal() -> bool {
    File::open("/dev/tty").is_ok()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    App,
    Config,
    Plugin,
}

/// What may change.
#[derive(Default)]
struct Files(HashMap<PathBuf, (Role, FileWatch)>);

impl Files {
    /// Remembers how a file looks now, unless it is known.
    fn add(&mut self, role: Role, path: PathBuf) {
        self.0
            .entry(path)
            .or_insert_with_key(|path| (role, FileWatch::new(path)));
    }

    fn add_all(&mut self, role: Role, paths: impl IntoIterator<Item = PathBuf>) {
        for path in paths {
            self.add(role, path);
        }
    }

    /// What the files are that changed since this was last asked.
    fn changed(&self) -> impl Iterator<Item = Role> {
        let files = self.0.values();
        files.filter_map(|(role, file)| file.changed().then_some(*role))
    }
}

struct Watcher<'a> {
    run: &'a Run,
    program: Program<'a>,
    hangup: Arc<AtomicBool>,
    has_terminal: bool,
    files: Files,
}

impl Watcher<'_> {
    /// Plugins may have been found only now.
    fn watch_plugins(&mut self) {
        let plugins = self.program.host.registry().files();
        self.files.add_all(Role::Plugin, plugins);
    }

    /// Waits until there is something else to run; `None` if nobody is there any more to see it.
    async fn next(&mut self) -> Option<Linked> {
        let json = self.run.log.json;
        loop {
            let changed = self.settled().await?;
            let mut new = changed.contains(&Role::App);
            if changed.contains(&Role::Config) {
                match program(self.run) {
                    Ok(program) => {
                        self.program = program;
                        new = true;
                    }
                    Err(failure) => report::print(&failure, json),
                }
            }
            new |= self.reload();
            if !new {
                continue;
            }
            let bytes = self.program.read();
            match bytes.and_then(|bytes| self.program.link(&bytes)) {
                Ok(linked) => {
                    Note(format!("running {} again", self.program.name)).print(json);
                    return Some(linked);
                }
                Err(failure) => report::print(&failure, json),
            }
        }
    }

    /// Which files changed, as soon as no more of them do; all of them after a SIGHUP.
    async fn settled(&self) -> Option<Vec<Role>> {
        let mut changed = Vec::new();
        loop {
            tokio::time::sleep(INTERVAL).await;
            let known = changed.len();
            changed.extend(self.files.changed());
            if self.hangup.swap(false, Ordering::Relaxed) {
                if self.has_terminal && !terminal() {
                    return None;
                }
                changed.push(Role::App);
                changed.extend(self.run.config.iter().map(|_| Role::Config));
                return Some(changed);
            }
            if known > 0 && changed.len() == known {
                return Some(changed);
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
                .print(self.run.log.json),
            }
        }
        replaced
    }
}
