use std::path::PathBuf;
use std::time::Instant;

use c12::Engine;
use clap::Args;

use super::name;
use crate::options::{EngineOptions, LogOptions};
use crate::progress;
use crate::report::{self, Failure};

/// Compiles ahead of time.
///
/// The artifact is marked as made here, so that `c12 run` loads it without a question; on another
/// machine it takes `--trust-precompiled`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  c12 compile app.wasm -o app.cwasm && c12 run app.cwasm")]
pub(crate) struct Compile {
    /// The module or component.
    #[arg(value_name = "APP")]
    app: PathBuf,

    /// The artifact [default: APP with the extension .cwasm].
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Compiles for another machine, named as a target triple such as aarch64-unknown-linux-gnu.
    #[arg(long, value_name = "TRIPLE", help_heading = "Compilation")]
    target: Option<String>,

    /// Adds interruption points, which `c12 run --timeout` needs.
    #[arg(long, help_heading = "Compilation")]
    interruptible: bool,

    /// Adds fuel counting, which `c12 run --fuel` needs.
    #[arg(long, help_heading = "Compilation")]
    fuel: bool,

    #[command(flatten)]
    engine: EngineOptions,

    #[command(flatten)]
    log: LogOptions,
}

impl Compile {
    pub(crate) fn json(&self) -> bool {
        self.log.json
    }

    pub(crate) fn execute(self) -> Result<u8, Failure> {
        self.log.start(None)?;
        let mut builder = self.engine.apply(
            Engine::builder()
                .interruptible(self.interruptible)
                .fuel(self.fuel),
        );
        if let Some(target) = &self.target {
            builder = builder.target(target);
        }
        let engine = builder.build()?;
        let output = self
            .output
            .clone()
            .unwrap_or_else(|| self.app.with_extension("cwasm"));
        if output == self.app {
            return Err(Failure::usage(format!(
                "{} would be replaced by what is made of it",
                self.app.display()
            ))
            .with_help("name another file with `-o`"));
        }
        let bytes = c12::read(&self.app)?;
        let started = Instant::now();
        let name = name(&self.app);
        let size = progress::show_while(&format!("compiling {name}"), || {
            engine.compile_to(&name, &bytes, &output)
        })?;
        if self.log.json {
            let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            let object = serde_json::json!({ "output": output.to_string_lossy(), "bytes": size, "milliseconds": milliseconds, "target": self.target });
            report::output(&format!("{object}\n"))?;
        }
        Ok(0)
    }
}
