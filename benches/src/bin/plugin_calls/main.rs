//! `plugin_calls PROVIDER GUEST [ARGUMENTS…]`: runs a guest that imports `bench:calls/calls` from PROVIDER: `static`,
//! which is Rust in this very program, or a plugin's file, a shared library (`.so`) or a component (`.wasm`).

mod fixed;
mod flat;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use c12::plugin::{ComponentPlugin, NativePlugin};
use c12::{Engine, Host, Output};

use fixed::Static;

fn main() -> Result<ExitCode> {
    let mut arguments = std::env::args().skip(1);
    let (Some(provider), Some(guest)) = (arguments.next(), arguments.next()) else {
        bail!("usage: plugin_calls PROVIDER GUEST [ARGUMENTS…]");
    };
    // Engine and host are those of `c12 run`.
    let engine = Engine::builder()
        .interruptible(false)
        .build()
        .context("cannot make an engine")?;
    let host = Host::builder()
        .arguments(arguments)
        .stdout(Output::Inherit)
        .stderr(Output::Inherit)
        .may_block(true);
    let path = Path::new(&provider);
    let extension = path.extension().and_then(|extension| extension.to_str());
    let host = match extension {
        None if provider == "static" => host.plugin(Static),
        Some("so") => host.plugin(NativePlugin::load(path, None)?),
        Some("wasm") => host.plugin(ComponentPlugin::load(&engine, path, Some("calls"), None)?),
        _ => bail!("{provider} is neither `static` nor a plugin"),
    };
    let workload = engine
        .load_file(&guest)
        .with_context(|| format!("cannot load {guest}"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let code = runtime
        .block_on(host.build().run(&workload))
        .with_context(|| format!("cannot run {guest} with {provider}"))?;
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}
