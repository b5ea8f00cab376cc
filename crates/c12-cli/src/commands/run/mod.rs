mod watch;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use c12::{Engine, Host, Input, Limits, Linked, Output};
use clap::Args;

use super::name;
use crate::config::Config;
#[cfg(feature = "nn")]
use crate::options::NnOptions;
use crate::options::{
    EngineOptions, GrantOptions, LimitOptions, LoadOptions, LogOptions, PluginOptions,
};
use crate::plugins::Plugins;
use crate::progress;
use crate::report::{self, Failure};

/// Runs a command, or calls an export with `--invoke`.
///
/// APP is a module or a component, in binary or text form, or what `c12 compile` made of it; which
/// of them it is, its bytes decide. Everything behind APP goes to the guest.
#[derive(Debug, Args)]
#[command(
    override_usage = "c12 run [OPTIONS] APP [ARGUMENTS]...",
    after_help = "Examples:\n  c12 run --dir docs::/docs:ro app.wasm -- stats /docs\n  c12 run --timeout 5s --max-memory 64MiB app.wasm\n  c12 run --invoke 'add(1, 2)' math.wasm\n  c12 run --plugin-config process.allow=ls,date app.wasm\n  c12 run --nn-model classifier=onnx:efficientnet-lite0.onnx app.wasm\n\nExit codes: the guest's own; 2 wrong usage, 124 time limit, 134 trap or other limit, 1 anything else."
)]
pub(crate) struct Run {
    /// Calls an export: arguments in WAVE for components, plain numbers for modules. `interface#function` where several have it.
    #[arg(long, value_name = "FUNCTION(ARGUMENTS)", help_heading = "Program")]
    invoke: Option<String>,

    /// Takes settings from a file; options come on top of it.
    #[arg(
        long,
        value_name = "FILE",
        env = "C12_CONFIG",
        hide_env_values = true,
        help_heading = "Program"
    )]
    config: Option<PathBuf>,

    /// Runs it again whenever APP, a plugin, or the configuration file has changed; also on SIGHUP.
    #[arg(long, help_heading = "Program")]
    watch: bool,

    #[command(flatten)]
    grants: GrantOptions,

    #[command(flatten)]
    plugins: PluginOptions,

    #[cfg(feature = "nn")]
    #[command(flatten)]
    nn: NnOptions,

    #[command(flatten)]
    limits: LimitOptions,

    #[command(flatten)]
    engine: EngineOptions,

    #[command(flatten)]
    load: LoadOptions,

    #[command(flatten)]
    log: LogOptions,

    /// What to run, and the guest's arguments.
    #[arg(
        required = true,
        trailing_var_arg = true,
        value_name = "APP [ARGUMENTS]"
    )]
    app: Vec<OsString>,
}

impl Run {
    pub(crate) fn json(&self) -> bool {
        self.log.json
    }

    pub(crate) fn execute(self) -> Result<u8, Failure> {
        let config = Config::read(self.config.as_deref())?;
        self.log.start(config.log_level())?;
        if self.watch {
            return watch::execute(&self);
        }
        let program = self.program(&config)?;
        let linked = program.link(&program.read()?)?;
        if let Some(limit) = program.host.limits().timeout {
            guard_timeout(limit, self.log.json);
        }
        let runtime = runtime()?;
        let outcome = runtime.block_on(self.run(&linked));
        let plugins = !program.host.registry().files().is_empty();
        // The process ends here. Threads that wait for standard input would hold that up, and giving memory
        // back piece by piece before all of it goes is time lost.
        std::mem::forget(runtime);
        if plugins {
            // Those have something to close, and perhaps to keep.
            drop((linked, program));
        } else {
            std::mem::forget((linked, program));
        }
        outcome
    }

    /// Everything that the options and the configuration decide.
    fn program(&self, config: &Config) -> Result<Program<'_>, Failure> {
        let (path, arguments) = self.app()?;

        let mut limits = Limits::default();
        config.limit(&mut limits);
        self.limits.apply(&mut limits);

        // Interruption points and fuel cost speed, so they are there for those who ask for the limits, and where a guest
        // that computes must be ended.
        let engine = config.engine(
            Engine::builder()
                .interruptible(limits.timeout.is_some() || self.watch)
                .fuel(limits.fuel.is_some()),
        );
        let engine = self.load.apply(self.engine.apply(engine)).build()?;

        let host = Host::builder()
            .arguments(arguments)
            .stdin(Input::Inherit)
            .stdout(Output::Inherit)
            .stderr(Output::Inherit)
            .limits(limits);
        // Otherwise the process does nothing but run this guest.
        let host = host.may_block(!self.watch);
        let host = self.grants.apply(config.grant(host)?)?;
        let plugins = Plugins::load(&self.plugins.named, config, &engine, self.log.json)?;
        let host = self.plugins.set(config.set(plugins.apply(host)));
        #[cfg(feature = "nn")]
        let host = self.nn.set(host, config, &self.plugins)?;
        Ok(Program {
            path,
            name: name(path),
            engine,
            host: host.build(),
        })
    }

    /// Runs the command, or calls what is to be called, and prints the results.
    async fn run(&self, linked: &Linked) -> Result<u8, Failure> {
        match &self.invoke {
            Some(call) => self.print(&linked.invoke(call).await?),
            None => Ok(linked.run().await? as u8),
        }
    }

    /// The file to run, and the guest's arguments. One `--` between them is ours.
    fn app(&self) -> Result<(&Path, Vec<String>), Failure> {
        let (app, rest) = self
            .app
            .split_first()
            .ok_or_else(|| Failure::usage("there is nothing to run"))?;
        let rest = match rest.split_first() {
            Some((first, rest)) if first == "--" => rest,
            _ => rest,
        };
        let text = |argument: &OsString| {
            argument.to_str().map(str::to_owned).ok_or_else(|| {
                Failure::usage(format!("the argument {argument:?} is not UTF-8"))
                    .because("WASI's arguments are UTF-8 text")
            })
        };
        Ok((
            Path::new(app),
            rest.iter().map(text).collect::<Result<_, _>>()?,
        ))
    }

    fn print(&self, results: &[String]) -> Result<u8, Failure> {
        let text = if self.log.json {
            format!("{}\n", serde_json::json!({ "results": results }))
        } else {
            results.iter().map(|result| format!("{result}\n")).collect()
        };
        report::output(&text)?;
        Ok(0)
    }
}

/// What is to be run, and by whom.
struct Program<'a> {
    path: &'a Path,
    name: String,
    engine: Engine,
    host: Host,
}

impl Program<'_> {
    fn read(&self) -> Result<Vec<u8>, Failure> {
        c12::read(self.path).map_err(|error| unreadable(error, self.path))
    }

    /// Compiles it, unless that was done before, and fills its imports.
    fn link(&self, bytes: &[u8]) -> Result<Linked, Failure> {
        let workload = progress::show_while(&format!("compiling {}", self.name), || {
            self.engine.load(&self.name, bytes)
        })?;
        Ok(self.host.link(&workload)?)
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::own("cannot start the asynchronous runtime").because(error))
}

/// `c12 isnpect app.wasm` asks for the program `isnpect`.
fn unreadable(error: c12::Error, path: &Path) -> Failure {
    let meant = path
        .to_str()
        .filter(|_| !path.exists())
        .and_then(crate::cli::similar_subcommand);
    match meant {
        None => error.into(),
        Some(command) => Failure::own(error.to_string())
            .because("there is no such file, and no such subcommand")
            .with_help(format!("perhaps `c12 {command}` is meant")),
    }
}

/// Ends the program if the library could not: when the guest's output is not read, the write to it
/// blocks the only thread.
fn guard_timeout(limit: Duration, json: bool) {
    const GRACE: Duration = Duration::from_secs(1);
    let thread = std::thread::Builder::new()
        .name("c12-watchdog".into())
        .stack_size(64 << 10);
    let watching = thread.spawn(move || {
        std::thread::sleep(limit.saturating_add(GRACE));
        let failure = Failure::from(c12::Error::Timeout { limit });
        report::print(&failure, json);
        crate::ending::expected();
        std::process::exit(failure.exit_code().into());
    });
    if let Err(error) = watching {
        tracing::warn!(%error, "no watchdog for the time limit");
    }
}
