//! Measures models: `nn_bench PHOTOGRAPH BATCHES MILLISECONDS OPERATION` computes an operation of `c12-bench-nn` with the
//! host's plugin and the model that whoever runs it named `model`. As a component on wasip2, as a core module on wasip1.

#[cfg(all(target_os = "wasi", target_env = "p2"))]
mod component;
#[cfg(all(target_os = "wasi", target_env = "p2"))]
use component as hand_over;

#[cfg(all(target_os = "wasi", not(target_env = "p2")))]
mod core_module;
#[cfg(all(target_os = "wasi", not(target_env = "p2")))]
use core_module as hand_over;

#[cfg(target_os = "wasi")]
mod plugin;

#[cfg(target_os = "wasi")]
fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match c12_bench_nn::run(&plugin::Plugin, &arguments, |line| println!("{line}")) {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}

#[cfg(not(target_os = "wasi"))]
fn main() {}
