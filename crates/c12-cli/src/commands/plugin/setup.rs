use std::path::PathBuf;

use c12_nn::setup::{Framework, Installed, LibTorch};
use c12_nn::{ModelError, data_folder};
use clap::Args;

use crate::options::LogOptions;
use crate::report::{self, Failure, Note};

/// Fetches what a plugin uses and cannot bring along: for `nn`, the library of a framework.
///
/// Packages are fetched with pip, in exact versions, and refused if their hashes are others. What is used of them is put
/// into `~/.local/share/c12/nn`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  c12 plugin setup nn onnx\n  c12 plugin setup nn pytorch --libtorch /usr"
)]
pub(crate) struct Setup {
    /// The plugin.
    #[arg(value_name = "NAME", value_parser = ["nn"])]
    plugin: String,

    /// What to fetch: onnx, openvino, tflite or pytorch.
    #[arg(value_name = "FRAMEWORK", value_parser = framework)]
    framework: Framework,

    /// For pytorch: fetches nothing and uses the libtorch in this folder, which must have its headers.
    #[arg(long, value_name = "FOLDER")]
    libtorch: Option<PathBuf>,

    #[command(flatten)]
    log: LogOptions,
}

fn framework(name: &str) -> Result<Framework, String> {
    Framework::named(name).map_err(|error| match error.help() {
        Some(help) => format!("{error}; {help}"),
        None => error.to_string(),
    })
}

impl Setup {
    pub(crate) fn json(&self) -> bool {
        self.log.json
    }

    pub(crate) fn execute(self) -> Result<u8, Failure> {
        self.log.start(None)?;
        let name = self.framework.name();
        let data = data_folder().ok_or_else(|| {
            Failure::own(format!(
                "cannot set up `{name}` for the plugin `{}`",
                self.plugin
            ))
            .because("there is no folder for the user's data")
            .with_help("set HOME or XDG_DATA_HOME")
        })?;
        let mut say = |line: &str| Note(line.to_owned()).print(self.log.json);
        let failed = |error: ModelError| failure(name, &error);
        let installed = match &self.libtorch {
            Some(_) if self.framework != Framework::PyTorch => {
                return Err(
                    Failure::usage(format!("`--libtorch` means nothing for `{name}`"))
                        .with_help("leave it out, or set up `pytorch`"),
                );
            }
            Some(folder) => {
                let libtorch = LibTorch::within(folder).map_err(failed)?;
                Framework::set_up_with_libtorch(&data, &libtorch, &mut say)
            }
            None => self.framework.set_up(&data, &mut say),
        };
        report::output(&self.report(&installed.map_err(failed)?))?;
        Ok(0)
    }

    fn report(&self, installed: &Installed) -> String {
        // With a libtorch of the machine's own nothing was fetched.
        let fetched = match self.libtorch {
            Some(_) => Vec::new(),
            None => self.framework.packages(),
        };
        if self.log.json {
            let packages = fetched.iter().map(|package| {
                serde_json::json!({
                    "name": package.name,
                    "version": package.version,
                    "licence": package.licence,
                })
            });
            let report = serde_json::json!({
                "framework": self.framework.name(),
                "folder": installed.folder.to_string_lossy(),
                "already": installed.already,
                "packages": packages.collect::<Vec<_>>(),
            });
            return format!("{report}\n");
        }
        let name = self.framework.name();
        let state = if installed.already {
            "was there already"
        } else {
            "is set up"
        };
        let mut text = format!("{name} {state}, in {}\n", installed.folder.display());
        for package in fetched {
            text += &format!(
                "  {} {}, licence {}\n",
                package.name, package.version, package.licence
            );
        }
        text
    }
}

fn failure(name: &str, error: &ModelError) -> Failure {
    let what = format!("cannot set up `{name}` for the plugin `nn`");
    let failure = Failure::own(what).because(error);
    match error.help() {
        Some(help) => failure.with_help(help),
        None => failure,
    }
}
