use clap::Args;
use tracing_subscriber::EnvFilter;

use crate::report::Failure;

/// What is logged to standard error.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct LogOptions {
    /// Logs at this level: off, error, warn, info, debug or trace; also directives such as `c12::plugin=trace`.
    #[arg(
        long = "log",
        value_name = "LEVEL",
        env = "C12_LOG",
        hide_env_values = true
    )]
    pub(crate) level: Option<String>,

    /// Machine-readable output: results as JSON, errors and logs as one JSON object a line.
    #[arg(long)]
    pub(crate) json: bool,
}

impl LogOptions {
    /// Starts logging, if it is wanted; `configured` comes from a configuration file.
    pub(crate) fn start(&self, configured: Option<&str>) -> Result<(), Failure> {
        let Some(level) = self.level.as_deref().or(configured) else {
            return Ok(());
        };
        // A level alone is about C12; dependencies speak up when something is wrong.
        let plain = ["off", "error", "warn", "info", "debug", "trace"]
            .contains(&level.to_ascii_lowercase().as_str());
        let directives = if plain && level != "off" {
            format!("warn,c12={level}")
        } else {
            level.to_owned()
        };
        let filter = EnvFilter::try_new(&directives).map_err(|error| {
            Failure::usage(format!("`{level}` is not a log level"))
                .because(error)
                .with_help("use off, error, warn, info, debug, trace, or directives such as c12::plugin=trace")
        })?;
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(filter)
            .with_writer(std::io::stderr)
            // A log that nobody can read any more must not end the guest.
            .log_internal_errors(false)
            .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
        if self.json {
            subscriber.json().init();
        } else {
            subscriber.init();
        }
        Ok(())
    }
}
