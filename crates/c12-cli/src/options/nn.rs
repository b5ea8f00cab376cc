use std::collections::BTreeSet;
use std::str::FromStr;

use c12::HostBuilder;
use c12_nn::{ModelError as Error, ModelSpec};
use clap::Args;

use super::PluginOptions;
use crate::config::Config;
use crate::report::Failure;

/// Models for guests that use WASI-NN.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Models")]
pub(crate) struct NnOptions {
    /// A model that the guest can load by that name. BACKEND is what runs it, or its encoding: `onnx`, `ggml` …; `c12 plugin info nn` shows what is ready.
    #[arg(
        long = "nn-model",
        value_name = "NAME=BACKEND:PATH[?KEY=VALUE&…]",
        value_parser = model
    )]
    models: Vec<ModelSpec>,

    /// The same as WasmEdge spells it; several files of one model follow each other behind colons.
    #[arg(
        long = "nn-preload",
        value_name = "NAME:ENCODING:DEVICE:PATH",
        value_parser = preload
    )]
    preloads: Vec<ModelSpec>,
}

fn model(text: &str) -> Result<ModelSpec, String> {
    ModelSpec::from_str(text).map_err(words)
}

fn preload(text: &str) -> Result<ModelSpec, String> {
    ModelSpec::from_preload(text).map_err(words)
}

fn words(error: Error) -> String {
    match error.help() {
        Some(help) => format!("{error}; {help}"),
        None => error.to_string(),
    }
}

/// A model that somebody named, and whether its files must be there already.
#[derive(Debug, Clone)]
pub(crate) struct NamedModel {
    pub(crate) spec: ModelSpec,
    /// Guests for WasmEdge can find out by themselves that a file is not.
    pub(crate) must_exist: bool,
}

impl NnOptions {
    /// Names all models to the plugin: those of the options, and those of the configuration that none of the options
    /// takes the place of.
    pub(crate) fn set(
        &self,
        builder: HostBuilder,
        config: &Config,
        plugins: &PluginOptions,
    ) -> Result<HostBuilder, Failure> {
        let mut models = unique(config.models()?)?;
        let options = unique(self.named(plugins)?)?;
        models.retain(|known| {
            options
                .iter()
                .all(|option| option.spec.name != known.spec.name)
        });
        models.extend(options);
        if models.is_empty() {
            return Ok(builder);
        }
        for model in &models {
            check_files(model)?;
        }
        let specs: Vec<ModelSpec> = models.into_iter().map(|model| model.spec).collect();
        let refused = |error: Error| failure("cannot use the models", &error);
        c12_nn::check(&specs).map_err(refused)?;
        let setting = c12_nn::models_setting(&specs).map_err(refused)?;
        Ok(builder.setting("nn", "models", setting))
    }

    fn named(&self, plugins: &PluginOptions) -> Result<Vec<NamedModel>, Failure> {
        let mut models = Vec::new();
        let settings = plugins.settings.iter();
        for setting in settings.filter(|set| (&*set.plugin, &*set.key) == ("nn", "models")) {
            models.extend(from_setting(&setting.value)?);
        }
        let named = |must_exist| {
            move |spec: &ModelSpec| NamedModel {
                spec: spec.clone(),
                must_exist,
            }
        };
        models.extend(self.models.iter().map(named(true)));
        models.extend(self.preloads.iter().map(named(false)));
        Ok(models)
    }
}

/// The models in a value of the setting `nn.models`.
pub(crate) fn from_setting(value: &str) -> Result<Vec<NamedModel>, Failure> {
    let specs = c12_nn::models(value)
        .map_err(|error| failure("the setting `nn.models` names no model", &error))?;
    let named = |spec| NamedModel {
        spec,
        must_exist: true,
    };
    Ok(specs.into_iter().map(named).collect())
}

fn unique(models: Vec<NamedModel>) -> Result<Vec<NamedModel>, Failure> {
    let mut names = BTreeSet::new();
    for NamedModel { spec, .. } in &models {
        if !names.insert(&spec.name) {
            return Err(
                Failure::usage(format!("two models are called `{}`", spec.name))
                    .with_help("a guest asks for a model by its name; give one of them another"),
            );
        }
    }
    Ok(models)
}

fn check_files(model: &NamedModel) -> Result<(), Failure> {
    if !model.must_exist {
        return Ok(());
    }
    for file in &model.spec.files {
        let refuse = |cause: String| {
            Failure::own(format!("cannot use the model `{}`", model.spec.name))
                .because(format!("{}: {cause}", file.display()))
        };
        match file.metadata() {
            Ok(found) if found.is_dir() => return Err(refuse("it is a directory".into())),
            // A device has no end, and a pipe may never have a beginning.
            Ok(found) if !found.is_file() => return Err(refuse("it is no regular file".into())),
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(refuse(error.to_string()).with_help(
                    "check the path; it is relative to the current directory, in a configuration to its folder",
                ));
            }
            Err(error) => return Err(refuse(error.to_string())),
        }
    }
    Ok(())
}

pub(crate) fn failure(what: &str, error: &Error) -> Failure {
    let failure = Failure::usage(what).because(error);
    match error.help() {
        Some(help) => failure.with_help(help),
        None => failure,
    }
}
