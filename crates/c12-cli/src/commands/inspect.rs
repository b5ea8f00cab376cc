use std::path::PathBuf;

use c12::plugin::ImportName;
use c12::{Engine, Host};
use c12_toolchain::{ImportName as Asked, InspectOptions, Provider};
use clap::Args;

use super::name;
use crate::config::Config;
use crate::options::{LogOptions, PluginSources};
use crate::plugins::Plugins;
use crate::report::{self, Failure};

/// Shows what a file is: its kind, imports and who provides them, exports, sizes and features.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  c12 inspect app.wasm\n  c12 inspect --wit app.wasm")]
pub(crate) struct Inspect {
    /// A module, a component, the text of either, or a compiled artifact.
    #[arg(value_name = "APP")]
    app: PathBuf,

    /// Prints the component's world in WIT, and nothing else.
    #[arg(long)]
    wit: bool,

    #[command(flatten)]
    plugins: PluginSources,

    #[command(flatten)]
    log: LogOptions,
}

impl Inspect {
    pub(crate) fn json(&self) -> bool {
        self.log.json
    }

    pub(crate) fn execute(self) -> Result<u8, Failure> {
        let config = Config::read(self.plugins.config.as_deref())?;
        self.log.start(config.log_level())?;
        let bytes = c12::read(&self.app)?;
        let engine = config.engine(Engine::builder()).build()?;
        let plugins = Plugins::load(&self.plugins.named, &config, &engine, self.log.json)?;
        let host = plugins.apply(Host::builder()).build();
        let provider = |asked: &Asked<'_>| {
            let import = match asked {
                Asked::Core { module, .. } => ImportName::module(*module),
                Asked::Component { name } => ImportName::component(*name),
                _ => return None,
            };
            host.registry()
                .find(&import)
                .map(|(plugin, _)| Provider::new(plugin.name()))
        };
        let options = InspectOptions::default().with_providers(&provider);
        let report = c12_toolchain::inspect(&bytes, &options).map_err(|error| {
            Failure::own(format!("cannot inspect {}", name(&self.app)))
                .because(&error)
                .with_help(error.help())
        })?;
        let text = if self.wit {
            match report.wit() {
                Some(wit) => format!("{}\n", wit.trim_end()),
                None => {
                    return Err(
                        Failure::own(format!("{} has no WIT world", name(&self.app)))
                            .because(format!("it is a {}", report.kind))
                            .with_help("only components carry one"),
                    );
                }
            }
        } else if self.log.json {
            let json = serde_json::to_string_pretty(&report)
                .map_err(|error| Failure::own("cannot write the report").because(error))?;
            format!("{json}\n")
        } else {
            format!("{}\n", report.to_string().trim_end())
        };
        report::output(&text)?;
        Ok(0)
    }
}
