//! A host with models.

use std::sync::{Arc, Mutex};

use c12::{Engine, Host, Limits, Linked};
use c12_nn::{Nn, Trouble};
use tempfile::TempDir;

/// What a test names, sets and limits.
pub(crate) struct Setup {
    folder: TempDir,
    models: Vec<String>,
    settings: Vec<(&'static str, String)>,
    pub(crate) limits: Limits,
    /// Whether a guest sees a model, by their names.
    pub(crate) sees: fn(&str, &str) -> bool,
    troubles: Arc<Mutex<Vec<Trouble>>>,
}

impl Setup {
    pub(crate) fn new() -> Self {
        Setup {
            folder: TempDir::new().unwrap(),
            models: Vec::new(),
            // ONNX Runtime, which would take them otherwise, need not be there.
            settings: vec![("rten-guest-models", "true".to_owned())],
            limits: Limits::default(),
            sees: |_, _| true,
            troubles: Arc::default(),
        }
    }

    /// Writes a model and names it.
    pub(crate) fn model(mut self, name: &str, bytes: &[u8]) -> Self {
        let path = self.folder.path().join(format!("{name}.onnx"));
        std::fs::write(&path, bytes).unwrap();
        // The engine that is always there, whatever else the machine has.
        self.models.push(format!("{name}=rten:{}", path.display()));
        self
    }

    /// Names a model as a user would.
    pub(crate) fn named(mut self, model: &str) -> Self {
        self.models.push(model.to_owned());
        self
    }

    pub(crate) fn set(mut self, key: &'static str, value: impl ToString) -> Self {
        self.settings.push((key, value.to_string()));
        self
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// What the user was told so far.
    pub(crate) fn troubles(&self) -> Vec<Trouble> {
        self.troubles.lock().unwrap().clone()
    }

    pub(crate) fn host(&self) -> Host {
        let troubles = Arc::clone(&self.troubles);
        let nn = Nn::new()
            .tell(move |trouble| troubles.lock().unwrap().push(trouble.clone()))
            .only(self.sees);
        let mut host = Host::builder()
            .plugin(nn)
            .limits(self.limits.clone())
            .setting("nn", "models", self.models.join("\n"));
        for (key, value) in &self.settings {
            host = host.setting("nn", *key, value);
        }
        host.build()
    }

    pub(crate) fn link(&self, guest: &[u8]) -> Result<Linked, c12::Error> {
        let engine = Engine::builder().cache(false).build()?;
        let workload = engine.load("guest", guest)?;
        self.host().link(&workload)
    }
}
