//! What `c12 plugin info nn` and `c12 doctor` say of backends and models.

use c12::plugin::{Details, Settings};
use c12_nn_core::{BackendStatus, ModelSpec, Registry, Status};

use crate::policy;

/// The table of backends and that of models. Loads frameworks' libraries to ask for their versions.
pub(crate) fn of(settings: &Settings) -> Vec<Details> {
    match policy::registry(settings) {
        Ok(registry) => vec![backends(registry.backends()), models(&registry)],
        // What is wrong with the settings must not hide what there is.
        Err(error) => {
            let problem = Details::new("Models", ["problem"], [[error.to_string()]]);
            vec![backends(known()), problem]
        }
    }
}

fn backends(all: Vec<BackendStatus>) -> Details {
    let rows = all.into_iter().map(|backend| {
        let BackendStatus {
            name,
            encoding,
            status,
        } = backend;
        let ready = if status.ready { "ready" } else { "missing" };
        [
            name.to_owned(),
            encoding.name().to_owned(),
            ready.to_owned(),
            summary(&status),
        ]
    });
    Details::new("Backends", ["name", "encoding", "state", "details"], rows)
}

/// The version, the devices and the library; or the line that would make it ready.
pub fn summary(status: &Status) -> String {
    if !status.ready {
        return status.remedy.clone().unwrap_or_default();
    }
    let devices: Vec<&str> = status.devices.iter().map(|device| device.name()).collect();
    let library = status.library.as_ref();
    [
        status.version.clone().unwrap_or_default(),
        devices.join(" and "),
        library.map_or_else(|| "built in".to_owned(), |path| path.display().to_string()),
    ]
    .into_iter()
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join(", ")
}

fn models(registry: &Registry) -> Details {
    let rows = registry.models().map(|spec: &ModelSpec| {
        let files: Vec<String> = spec
            .files
            .iter()
            .map(|file| file.display().to_string())
            .collect();
        let options: Vec<String> = spec
            .options
            .keys()
            .map(|key| match crate::models::text(spec, key) {
                Ok(Some(value)) => format!("{key}={value}"),
                _ => key.to_owned(),
            })
            .collect();
        [
            spec.name.clone(),
            spec.backend.clone(),
            spec.device.name().to_owned(),
            files.join(", "),
            options.join(" "),
        ]
    });
    Details::new(
        "Models",
        ["name", "backend", "device", "files", "options"],
        rows,
    )
}

/// The backends as they are without any setting.
pub fn known() -> Vec<BackendStatus> {
    policy::unset()
        .build()
        .map(|registry| registry.backends())
        .unwrap_or_default()
}
