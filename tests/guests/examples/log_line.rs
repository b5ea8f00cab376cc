//! Logs one message with `wasi:logging`: LEVEL CONTEXT MESSAGE; as a component on wasip2, as a core module on wasip1.
// The generated bindings call foreign functions.
#![allow(unsafe_code)]

#[cfg(target_os = "wasi")]
mod guest {
    wit_bindgen::generate!({ path: "../../wit/logging", world: "imports" });

    use wasi::logging::logging::{Level, log};

    pub(crate) fn run(arguments: &[String]) {
        let [level, context, message] = arguments else {
            panic!("expected LEVEL CONTEXT MESSAGE");
        };
        let level = match level.as_str() {
            "trace" => Level::Trace,
            "debug" => Level::Debug,
            "info" => Level::Info,
            "warn" => Level::Warn,
            "error" => Level::Error,
            "critical" => Level::Critical,
            other => panic!("there is no level `{other}`"),
        };
        log(level, context, message);
        println!("logged");
    }
}

#[cfg(target_os = "wasi")]
fn main() {
    guest::run(&std::env::args().skip(1).collect::<Vec<_>>());
}

#[cfg(not(target_os = "wasi"))]
fn main() {}
