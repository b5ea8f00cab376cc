//! A library for WasmEdge's plugin API, called by a core module in C12 and in WasmEdge itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::thousand;
use crate::Effort;
use crate::contender::{Contender, succeed};
use crate::samples::Samples;
use crate::tools::Tools;

/// The functions of the example plugin, with what they do.
pub(crate) const FUNCTIONS: [(&str, &str); 3] = [
    ("calls", "nothing in, a number back"),
    ("reverse", "100 bytes turned around where they are"),
    ("md5", "the MD5 of 100 bytes, written beside them"),
];

/// The time of a thousand calls of each function, in order.
#[derive(Debug, Default)]
pub(crate) struct ForWasmEdge {
    pub(crate) c12: [Samples; FUNCTIONS.len()],
    pub(crate) wasmedge: [Samples; FUNCTIONS.len()],
}

/// `None` if WasmEdge or its headers are not there.
pub(super) fn measure(tools: &Tools, folder: &Path, effort: Effort) -> Result<Option<ForWasmEdge>> {
    const CALLS: &str = "20000";
    let Some(headers) = &tools.wasmedge_headers else {
        return Ok(None);
    };
    let guest = tools.guest("c/wasmedge_calls.wasm")?;
    let plugins = folder.join("for-wasmedge");
    std::fs::create_dir_all(&plugins)?;
    let library = library(headers, &plugins)?;
    let Some(wasmedge) = Contender::wasmedge(tools, &guest, folder)? else {
        return Ok(None);
    };
    let wasmedge = wasmedge.with("WASMEDGE_PLUGIN_PATH", &library);
    let c12 = Contender::c12(tools, &guest, folder).with("C12_PLUGIN_PATH", &plugins);
    let batches = effort.call_batches.to_string();
    let arguments = [batches.as_str(), CALLS];
    let mut times = ForWasmEdge::default();
    for _ in 0..effort.call_runs {
        run(&c12, &arguments, &mut times.c12)?;
        run(&wasmedge, &arguments, &mut times.wasmedge)?;
    }
    Ok(Some(times))
}

fn run(contender: &Contender, arguments: &[&str], times: &mut [Samples]) -> Result<()> {
    let output = contender.output(arguments)?;
    let mut lines = output.lines();
    for (samples, (function, _)) in times.iter_mut().zip(FUNCTIONS) {
        let told = lines.next().and_then(|line| thousand(line, function));
        samples.add(told.with_context(|| format!("{} printed {output:?}", contender.name))?);
    }
    Ok(())
}

/// Compiles the example plugin, which both load.
fn library(headers: &Path, folder: &Path) -> Result<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../plugins/examples/text-tools-wasmedge/text_tools.cpp");
    if !source.is_file() {
        bail!("{} is not there", source.display());
    }
    let library = folder.join("libtext_tools.so");
    let mut compiler = Command::new(std::env::var_os("CXX").unwrap_or_else(|| "c++".into()));
    compiler
        .args(["-std=c++20", "-O2", "-fPIC", "-shared", "-I"])
        .arg(headers)
        .arg(source)
        .arg("-o")
        .arg(&library);
    succeed(&mut compiler)?;
    Ok(library)
}
