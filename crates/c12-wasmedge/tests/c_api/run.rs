//! Guests in C12 and in WasmEdge.

use std::path::Path;
use std::process::Command;

use c12::{Capture, Engine, Error, Host, HostBuilder, Linked, Output};
use c12_wasmedge::WasmEdgePlugin;

/// Runs a future to its end.
pub(crate) fn wait<F: Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

/// A plugin.
pub(crate) fn load(path: &Path) -> WasmEdgePlugin {
    WasmEdgePlugin::load(path).unwrap()
}

/// A host with a plugin.
pub(crate) fn host(path: &Path) -> HostBuilder {
    Host::builder().plugin(load(path))
}

/// Links a guest.
pub(crate) fn link(host: HostBuilder, guest: &str) -> Result<Linked, Error> {
    let engine = Engine::builder().cache(false).build().unwrap();
    host.build()
        .link(&engine.load("guest", guest.as_bytes()).unwrap())
}

/// Calls an export of a new instance.
pub(crate) fn invoke(host: HostBuilder, guest: &str, call: &str) -> Result<Vec<String>, Error> {
    wait(link(host, guest)?.invoke(call))
}

/// The chain of causes.
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    text
}

/// Runs a command and gives back what it printed, and its exit code.
pub(crate) fn output(host: HostBuilder, guest: &str) -> (String, Result<i32, Error>) {
    let captured = Capture::default();
    let host = host.stdout(Output::Capture(captured.clone()));
    let outcome = link(host, guest).and_then(|linked| wait(linked.run()));
    (captured.text(), outcome)
}

/// Runs a command in WasmEdge, and gives back what it printed, and its exit code.
pub(crate) fn in_wasmedge(plugin: &Path, guest: &str, options: &[&str]) -> (String, i32) {
    module_in_wasmedge(plugin, &wat::parse_str(guest).unwrap(), options, &[])
}

/// The same for a module in binary form, with arguments.
pub(crate) fn module_in_wasmedge(
    plugin: &Path,
    module: &[u8],
    options: &[&str],
    arguments: &[&str],
) -> (String, i32) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("guest.wasm");
    std::fs::write(&file, module).unwrap();
    let output = Command::new(std::env::var_os("C12_WASMEDGE").unwrap())
        .env("WASMEDGE_PLUGIN_PATH", plugin)
        .args(options)
        .arg(&file)
        .args(arguments)
        .output()
        .unwrap();
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        output.status.code().unwrap_or(-1),
    )
}
