//! Plugins that are installed and not imported: they should cost nothing.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::providers::library;
use crate::Effort;
use crate::contender::Contender;
use crate::samples::Samples;
use crate::tools::Tools;

/// How many plugins are installed.
pub(crate) const INSTALLED: usize = 20;

/// Times of whole processes that say hello.
#[derive(Debug, Default)]
pub(crate) struct StartUp {
    /// Without plugins.
    pub(crate) none: Samples,
    /// With [`INSTALLED`] plugins in the plugin folder.
    pub(crate) installed: Samples,
}

pub(super) fn measure(tools: &Tools, folder: &Path, effort: Effort) -> Result<StartUp> {
    let (empty, full) = (folder.join("no-plugins"), folder.join("plugins"));
    std::fs::create_dir_all(&empty)?;
    std::fs::create_dir_all(&full)?;
    for number in 1..=INSTALLED {
        let name = format!("calls-{number}");
        let named = format!("NAME={name:?}");
        library(tools, &full.join(format!("{name}.so")), &[named.as_str()])?;
    }
    let start = |guest: &str, plugins: &Path| -> Result<Contender> {
        Ok(Contender::c12(tools, &tools.guest(guest)?, folder)
            .with("C12_PLUGIN_PATH", plugins)
            // What this user has installed is not to be found.
            .with("XDG_DATA_HOME", &empty))
    };
    // Who imports from the plugins must find them, or they would not be installed.
    start("wasip2/call_bench.wasm", &full)?
        .output(&["1", "add=1"])
        .context("the installed plugins are not found")?;
    let (none, installed) = (
        start("wasip2/hello.wasm", &empty)?,
        start("wasip2/hello.wasm", &full)?,
    );
    // The first fills the cache.
    none.time()?;
    installed.time()?;
    let mut times = StartUp::default();
    for _ in 0..effort.starts {
        times.none.add(none.time()?);
        times.installed.add(installed.time()?);
    }
    Ok(times)
}
