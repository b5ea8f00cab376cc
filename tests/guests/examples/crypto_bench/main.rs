//! Measures cryptography: `crypto_bench plugin|wasm BATCHES MILLISECONDS OPERATION…` computes the operations of
//! `c12-bench-crypto` with the host's plugin, or with the same algorithms compiled into this program. As a component on
//! wasip2, as a core module on wasip1.

#[cfg(target_os = "wasi")]
mod many;
#[cfg(target_os = "wasi")]
mod plugin;
#[cfg(target_os = "wasi")]
mod wasm;

#[cfg(target_os = "wasi")]
fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let way: Option<&dyn c12_bench_crypto::Way> = match arguments.first().map(String::as_str) {
        Some("plugin") => Some(&plugin::Plugin),
        Some("wasm") => Some(&wasm::Wasm),
        _ => None,
    };
    let Some((way, (_, rest))) = way.zip(arguments.split_first()) else {
        eprintln!("usage: crypto_bench plugin|wasm BATCHES MILLISECONDS OPERATION…");
        return std::process::ExitCode::from(2);
    };
    match c12_bench_crypto::run(way, rest, |line| println!("{line}")) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "wasi"))]
fn main() {}
