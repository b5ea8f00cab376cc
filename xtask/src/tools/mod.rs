//! What is installed for contributors, one file per tool, and the three places it comes from.

pub(crate) mod crates_io;
pub(crate) mod debian;
pub(crate) mod pypi;

pub(crate) mod boolector;
pub(crate) mod boringssl;
pub(crate) mod c_compiler;
pub(crate) mod componentize_js;
pub(crate) mod cryptography_vectors;
pub(crate) mod llvm;
pub(crate) mod mdbook;
pub(crate) mod nn_models;
pub(crate) mod node;
pub(crate) mod redis;
pub(crate) mod rust_for_guests;
pub(crate) mod system;
pub(crate) mod wac;
pub(crate) mod wasm_component_ld;
pub(crate) mod wasmedge;
pub(crate) mod wasmtime;

pub(crate) use cryptography_vectors::cryptography_vectors;
pub(crate) use nn_models::nn_models;
pub(crate) use wac::wac;
pub(crate) use wasmedge::wasmedge;
pub(crate) use wasmtime::wasmtime;

#[cfg(test)]
mod tests {
    use std::process::Command;

    use crate::layout::Layout;
    use crate::process::output;

    #[test]
    #[ignore = "may download 40 MB; run it with `cargo test -p xtask -- --ignored`"]
    fn what_is_installed_starts() {
        let layout = Layout::find().unwrap();
        let tools = [
            (super::mdbook::mdbook(&layout), "mdbook v0."),
            (super::wac(&layout), "wac 0."),
            (super::wasmtime(&layout), "wasmtime 48."),
            (super::wasmedge(&layout), "wasmedge version 0.14"),
            (super::redis::redis_server(&layout), "Redis server v="),
        ];
        for (program, version) in tools {
            let program = program.unwrap();
            let printed = output(Command::new(program).arg("--version")).unwrap();
            assert!(printed.contains(version), "{printed}");
        }
        let headers = super::wasmedge::headers(&layout).unwrap();
        assert!(headers.join("wasmedge/wasmedge.h").is_file());
    }
}
